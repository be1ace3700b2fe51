import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";
import { codexLogin } from "../../support/login.ts";
import { AUTH_DIR } from "../../support/service_world.ts";

const WORK = `${AUTH_DIR}/work.json`;

function aWorld(typed?: string): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(WORK, codexLogin());
  if (typed !== undefined) Object.assign(world.terminal, { inIsTerminal: true, inText: typed });
  return world;
}

Deno.test("auth remove --yes deletes the file of a key by its e-mail", async () => {
  const world = aWorld();
  const { code, out, err } = await world.run("auth remove ann@example.com --yes --json");
  assert.deepEqual([code, err], [0, "removed work.json; a running proxy stops using it within 2s\n"]);
  assert.deepEqual(JSON.parse(out), {
    removed: true,
    file: "work.json",
    email: "ann@example.com",
    auth_dir: AUTH_DIR,
  });
  assert.equal(world.machine.files.text(WORK), undefined);
});

for (
  const [typed, isRemoved] of [["y", true], ["YES ", true], ["", false], ["n", false], [
    "yeah",
    false,
  ]] as const
) {
  Deno.test(`auth remove ${isRemoved ? "removes" : "keeps"} the key when "${typed}" is typed`, async () => {
    const world = aWorld(typed);
    const { code, err } = await world.run("auth remove work");
    assert.ok(err.startsWith("Delete work.json (ann@example.com)? [y/N] "));
    assert.equal(world.machine.files.text(WORK) === undefined, isRemoved);
    assert.equal(code, isRemoved ? 0 : 1);
  });
}

Deno.test("auth remove refuses to ask when standard input is not a terminal", async () => {
  const world = aWorld();
  const { code, err } = await world.run("auth remove work");
  assert.deepEqual([code, err], [
    2,
    "Cannot ask whether to remove work.json: standard input is not a terminal\nhint: add --yes\n",
  ]);
  assert.ok(world.machine.files.text(WORK));
});

Deno.test("auth remove deletes only auth files in the folder", async () => {
  const world = aWorld();
  const untouched = [
    `${AUTH_DIR}/.env`,
    `${AUTH_DIR}/rr_proxy_v2.state.json`,
    "/other/x.json",
    `${AUTH_DIR}/notes.txt`,
  ];
  for (const path of untouched) world.machine.files.put(path, "mine");
  for (
    const name of [".env", "rr_proxy_v2.state.json", "../other/x.json", "/other/x.json", "notes.txt", "none"]
  ) {
    const { code, err } = await world.run("auth remove --yes", name);
    assert.equal(code, 1, name);
    assert.match(
      err,
      /^Cannot remove the key: no key is called ".*"\nhint: the keys are work\.json \(ann@example\.com\)\n$/,
    );
  }
  for (const path of untouched) assert.equal(world.machine.files.text(path), "mine", path);
});
