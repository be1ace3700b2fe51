import assert from "node:assert/strict";
import { codexAuthFile, codexConfigFile, renewalFolder, runtimePaths } from "../../src/config/paths.ts";

Deno.test("runtimePaths() keeps the names that scripts know, inside the auth dir", () => {
  const paths = {
    pidFile: "/a/rr_proxy_v2.pid",
    stateFile: "/a/rr_proxy_v2.state.json",
    sessionsFile: "/a/rr_proxy_v2.sessions.json",
    lineFile: "/a/rr_proxy_v2.line.json",
    lockFile: "/a/rr_proxy_v2.lock",
    writersLockFile: "/a/rr_proxy_v2.writers.lock",
    clientsFile: "/a/rr_proxy_v2.clients.json",
    logFile: "/a/rr_proxy_v2.log",
    eventsFile: "/a/rr_proxy_v2.events.jsonl",
    usageFile: "/a/rr_proxy_v2.usage.sqlite",
  };
  assert.deepEqual(runtimePaths("/a"), paths);
  assert.deepEqual(runtimePaths("/a//"), paths);
});

Deno.test("codexAuthFile() is in CODEX_HOME, else in the home folder", () => {
  assert.equal(codexAuthFile({ CODEX_HOME: "/c" }, "/home/ann"), "/c/auth.json");
  assert.equal(codexAuthFile({ CODEX_HOME: "" }, "/home/ann"), "/home/ann/.codex/auth.json");
});

Deno.test("codexConfigFile() is beside it", () => {
  assert.equal(codexConfigFile({ CODEX_HOME: "/c" }, "/home/ann"), "/c/config.toml");
  assert.equal(codexConfigFile({}, "/home/ann"), "/home/ann/.codex/config.toml");
});

Deno.test("renewalFolder() is in XDG_STATE_HOME, else in the home folder, whatever the auth dir", () => {
  assert.equal(renewalFolder({ XDG_STATE_HOME: "/s/" }, "/home/ann"), "/s/cdx2/refresh");
  for (const ignored of ["", "relative"]) {
    assert.equal(
      renewalFolder({ XDG_STATE_HOME: ignored }, "/home/ann"),
      "/home/ann/.local/state/cdx2/refresh",
    );
  }
});
