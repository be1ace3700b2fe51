import assert from "node:assert/strict";
import { listKeys } from "../../../src/auth/folder.ts";
import { codexRoute } from "../../../src/cli/codex/route.ts";
import { MemoryFiles } from "../../support/memory_files.ts";

const SERVICE = {
  host: "0.0.0.0",
  port: 81,
  upstream_base_url: "https://chatgpt.com/backend-api",
};

Deno.test("codexRoute() reaches the proxy on loopback, and knows keys with an upstream of their own", async () => {
  const key = (token: string, more?: object) => JSON.stringify({ tokens: { access_token: token }, ...more });
  const files = new MemoryFiles({ "/keys/a.json": key("t") });
  const route = async () =>
    codexRoute(SERVICE, await listKeys(files, "/keys"), { pinned: undefined, isLoggedIn: true });
  assert.deepEqual(await route(), {
    baseUrl: "http://127.0.0.1:81",
    pinned: undefined,
    isChatGptUpstream: true,
    hasOwnUpstreams: false,
    relaysWebSockets: true,
    isLoggedIn: true,
    keyVariable: undefined,
  });
  files.put("/keys/b.json", key("u", { upstream: "https://api.example.com" }));
  assert.equal((await route()).hasOwnUpstreams, true);
});
