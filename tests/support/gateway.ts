// A machine whose commands use a gateway, in memory.

import { CliWorld } from "./cli_world.ts";
import { FakeSend, type Reply } from "./fake_send.ts";

export const REMOTE = "https://gateway.example";
export const CLIENT_KEY = "cdx2-key-of-ann-0123456789";
export const MANAGEMENT = "management-key-of-the-gateway";
export const PAGE = {
  client: "ann",
  version: "0.1.0",
  upstream: "chatgpt",
  takes_compressed: true,
  websocket: true,
  keys: 2,
  usable: true,
};
export const welcome = (over: object = {}): Reply => () =>
  Response.json({ ...PAGE, ...over }, { headers: { "x-cdx2-request-id": "r" } });

/** A machine without keys, whose commands use the gateway; `reply` is what that answers. */
export function aLaptop(env: Record<string, string> = {}, reply: Reply = welcome()): CliWorld {
  const world = new CliWorld();
  world.env = { ...world.env, CLIPROXY_REMOTE: REMOTE, CLIPROXY_CLIENT_KEY: CLIENT_KEY, ...env };
  world.upstream = new FakeSend(reply);
  world.exitCodes["codex"] = 3;
  world.exitCodes["python"] = 4;
  return world;
}
