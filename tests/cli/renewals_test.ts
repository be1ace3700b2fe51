import assert from "node:assert/strict";
import { renewalNotes } from "../../src/cli/renewals.ts";
import { T0 } from "../support/builders.ts";
import { CliWorld } from "../support/cli_world.ts";
import { loginFile } from "../support/logins.ts";

Deno.test("auth list says who renews each key, and what to type for one that nobody renews", async () => {
  const world = new CliWorld();
  world.machine.files.put("/keys/work.json", loginFile());
  world.machine.files.put("/keys/bare.json", loginFile({ refreshToken: undefined, session: "bare" }));
  const { out, err } = await world.run("auth list");
  assert.match(out, /work\.json.*expires in 9h, renewed by cdx2/);
  assert.match(out, /bare\.json.*not renewed: its file holds no refresh token/);
  assert.match(
    err,
    /bare\.json: its file holds no refresh token, its token expires in 9h; run "cdx2 auth login --replace bare"/,
  );
  const { renewals } = JSON.parse((await world.run("auth list --json")).out);
  assert.deepEqual(
    renewals.map(({ file, renewed_by }: { file: string; renewed_by: string }) => [file, renewed_by]),
    [
      ["bare.json", null],
      ["work.json", "cdx2"],
    ],
  );
});

Deno.test("auth list works where the notes about renewals cannot be read", async () => {
  const world = new CliWorld();
  world.machine.files.put("/keys/work.json", loginFile());
  world.machine.files.failAt("/home/ann/.local", "denied");
  const { code, out } = await world.run("auth list");
  assert.equal(code, 0);
  assert.match(out, /work\.json.*expires in 9h$/m);
});

Deno.test("renewalNotes() are only about keys with a warning, and name the time left and the command", () => {
  const base = { endsAtMs: undefined, warning: undefined, fix: undefined };
  const keys = [
    { ...base, file: "a" },
    { ...base, file: "b", warning: "bad" },
    { file: "c", warning: "bad", fix: "cdx2 fix it", endsAtMs: T0 + 3_600_000 },
    { file: "d", warning: "bad", fix: null, endsAtMs: T0 - 60_000 },
  ];
  assert.deepEqual(renewalNotes(keys, T0), [
    "b: bad",
    'c: bad, its token expires in 1h; run "cdx2 fix it"',
    "d: bad, its token expired 1m ago",
  ]);
  const many = [...keys, { ...base, file: "e", warning: "bad" }, { ...base, file: "f", warning: "worse" }];
  assert.deepEqual(renewalNotes(many, T0), [
    'b and 3 other keys: bad; "cdx2 doctor" names them, and what to run',
    "f: worse",
  ]);
});
