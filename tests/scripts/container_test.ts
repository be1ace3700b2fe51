// What can be said of the container without building it: that the files agree with the program.

import assert from "node:assert/strict";
import { MEMORY } from "../../src/system/memory.ts";
import { CliWorld } from "../support/cli_world.ts";

const read = (name: string) => Deno.readTextFile(new URL(`../../scripts/container/${name}`, import.meta.url));
const dockerfile = await read("Dockerfile");
const compose = await read("compose.yaml");

/** The words of an instruction in its form of a JSON array. */
function wordsOf(instruction: string): readonly string[] {
  return JSON.parse(
    new RegExp(`^${instruction} (?:--\\S+ )*(?:CMD )?(\\[.*\\])$`, "m").exec(dockerfile)?.[1] ?? "[]",
  );
}

Deno.test("the image is built with the Deno of the project, and runs as a user without rights", async () => {
  const ci = await Deno.readTextFile(new URL("../../.ci/run", import.meta.url));
  const [, version] = /deno@(2\.9\.\d+)/.exec(ci)!;
  assert.match(dockerfile, new RegExp(`^FROM denoland/deno:${version} AS build$`, "m"));
  assert.match(dockerfile, /^USER cdx2$/m);
  assert.doesNotMatch(dockerfile.slice(dockerfile.indexOf("\nUSER")), /^USER root$/m);
});

Deno.test("the image runs commands that there are, on a port that it says", async () => {
  assert.deepEqual([...wordsOf("ENTRYPOINT"), ...wordsOf("CMD")], ["cdx2", "proxy", "--foreground"]);
  const [program, ...args] = wordsOf("HEALTHCHECK");
  assert.equal(program, "cdx2");
  const world = new CliWorld();
  assert.equal((await world.run(args.join(" "))).code, 1, "unhealthy while nothing runs");
  world.runService();
  assert.equal((await world.run(args.join(" "))).code, 0);
  const port = /CLIPROXY_PORT=(\d+)/.exec(dockerfile)?.[1];
  assert.match(dockerfile, new RegExp(`^EXPOSE ${port}$`, "m"));
  assert.ok(compose.includes(`127.0.0.1:${port}:${port}`));
});

Deno.test("the image has the proxy return memory as one that a command starts", () => {
  for (const [name, value] of Object.entries(MEMORY)) {
    assert.match(dockerfile, new RegExp(`^(?:ENV| ) ${name}=${value}(?: \\\\)?$`, "m"));
  }
});

Deno.test("the settings in the image are settings", async () => {
  const names = [...(dockerfile + compose).matchAll(/\b(CLIPROXY_[A-Z_]+)(?:=|: )(\S+)/g)];
  const env = Object.fromEntries(names.map(([, name, value]) => [name, value]));
  const world = new CliWorld();
  world.env = { ...world.env, ...env };
  const { settings } = JSON.parse((await world.run("status --json")).out);
  const given = Object.values(settings as Record<string, { source: string }>).filter(({ source }) =>
    source === "environment"
  );
  // The auth dir and the management key are those of the test as well.
  assert.equal(given.length, names.length + 1);
});
