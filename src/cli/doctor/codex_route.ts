/**
 * Whether Codex is routed, by its own settings, to a port where this proxy listens.
 * @module
 */

import { codexConfigFile } from "../../config/paths.ts";
import { routedPorts } from "../setup/marks.ts";
import type { World } from "../world.ts";
import type { CodexRouting, Facts } from "./facts.ts";
import type { Finding } from "./page.ts";

/** What Codex's file of settings says. */
export async function codexRouting(
  { files, processes, env, homeFolder }: Pick<World, "files" | "processes" | "env" | "homeFolder">,
): Promise<CodexRouting> {
  const path = codexConfigFile(env, homeFolder);
  const ports = routedPorts(await files.readText(path).catch(() => ""));
  const routes = ports.map(async (port) => ({ port, listener: await processes.listenerOf(port) }));
  return { path, routes: await Promise.all(routes) };
}

/** Nothing when Codex is not routed for good. */
export function checkCodexRoute(
  { service, codexRouting: { path, routes } }: Pick<Facts, "service" | "codexRouting">,
): Finding | undefined {
  if (routes.length === 0) return undefined;
  const own = service.kind === "running" ? service.debug.port : undefined;
  const astray = routes.find(({ port }) => port !== own);
  if (astray === undefined) {
    return { status: "ok", message: `${path} routes Codex to this proxy, at port ${own}`, hint: null };
  }
  const { port, listener } = astray;
  const who = listener === undefined ? "nothing listens" : `pid ${listener} listens, not this proxy`;
  const repair = own === undefined
    ? 'start it with "cdx2 proxy", at each login with "cdx2 service install"'
    : 'route it to this proxy with "cdx2 setup codex"';
  return {
    status: "fail",
    message: `${path} routes Codex to port ${port}, where ${who}`,
    hint: `${repair}, or take the route out with "cdx2 setup codex --undo"`,
  };
}
