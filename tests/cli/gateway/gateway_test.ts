import assert from "node:assert/strict";
import { aLaptop, REMOTE } from "../../support/gateway.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const HERE = [
  ...["proxy", "proxy --force", "proxy --foreground", "proxy --json", "stop", "logs"],
  ...[
    "service install",
    "clients list",
    "clients add bob",
    "clients remove bob",
    "usage --html -",
    "pool home work",
  ],
  ...[
    "auth list",
    "auth import",
    "auth remove work",
    "auth refresh",
    "auth disable work",
    "auth enable work",
  ],
  ...[
    "auth priority work 1",
    "auth rename work home",
    "auth export work",
    "auth login",
    "auth migrate --to file",
  ],
];
for (const line of HERE) {
  Deno.test(`"cdx2 ${line}" says that a gateway is set, and what to do`, async () => {
    const world = aLaptop();
    const { code, out, err } = await world.run(line);
    assert.equal(code, 2);
    assert.equal(out, line.includes("--json") ? out : "");
    assert.match(err, /CLIPROXY_REMOTE is https:\/\/gateway\.example\nhint: .*unset CLIPROXY_REMOTE/);
    assert.equal(world.upstream.requests.length, 0);
    assert.deepEqual(await world.machine.files.list(AUTH_DIR).catch(() => []), ["work.json"]);
  });
}

Deno.test("a gateway that .env sets is taken out there", async () => {
  const world = aLaptop({ CLIPROXY_REMOTE: "" });
  world.machine.files.put(`${AUTH_DIR}/.env`, `CLIPROXY_REMOTE=${REMOTE}\n`);
  assert.match((await world.run("stop")).err, /hint: .*take CLIPROXY_REMOTE out of .*\.env/);
});
