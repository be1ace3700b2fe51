import assert from "node:assert/strict";
import { VERSION } from "../../../src/cli/version.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";

function worldAt(newest: string): CliWorld {
  const world = new CliWorld();
  world.env = { ...world.env, CDX2_RELEASES_URL: "https://host/releases/" };
  world.upstream = new FakeSend(answer(200, { version: newest }));
  return world;
}

Deno.test("version prints the version and asks nobody", async () => {
  const world = worldAt("99.0.0");
  assert.deepEqual(await world.run("version"), { code: 0, out: `${VERSION}\n`, err: "" });
  assert.deepEqual(world.upstream.requests, []);
});

Deno.test("version --check names a newer release, and what to do", async () => {
  const world = worldAt("99.0.0");
  const { code, out, err } = await world.run("version --check");
  assert.deepEqual([code, out], [0, `${VERSION}\n`]);
  assert.match(err, /^99\.0\.0 is there: install it .* "cdx2 proxy --force"\n$/);
  assert.equal(world.upstream.requests[0]?.url, "https://host/releases/latest/download/latest.json");
});

Deno.test("version --check of the latest release says so", async () => {
  assert.equal((await worldAt(VERSION).run("version --check")).err, `the latest release is ${VERSION}\n`);
});

Deno.test("version --check of a build from source says that it does not know where to ask", async () => {
  const { code, err } = await new CliWorld().run("version --check");
  assert.equal(code, 1);
  assert.match(
    err,
    /^Cannot look for a newer version: this build does not know where releases are\nhint: set CDX2_RELEASES_URL/,
  );
});
