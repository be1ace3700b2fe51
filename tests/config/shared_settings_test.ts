import assert from "node:assert/strict";
import { engineText, SHARED_SETTINGS } from "../../src/config/shared_settings.ts";
import { PLACE } from "../support/setting_kinds.ts";

const { shared, member, sharedNamespace, sharedCaFile } = SHARED_SETTINGS;

const ALLOWED: readonly (readonly [
  text: string,
  shown: string,
  user: string | undefined,
  password: string | undefined,
])[] = [
  ["redis://build", "redis://build:6379", undefined, undefined],
  ["REDIS://build:7000/", "redis://build:7000", undefined, undefined],
  ["rediss://u:p%40ss@build.example/3", "rediss://build.example:6379/3", "u", "p@ss"],
  ["redis://:pw@[::1]:6380", "redis://[::1]:6380", undefined, "pw"],
];

for (const [text, shown, username, password] of ALLOWED) {
  Deno.test(`shared allows ${text}, and shows it without user and password`, () => {
    const engine = shared.parse(text, PLACE)!;
    assert.deepEqual([shared.show(engine), engineText(engine)], [shown, shown]);
    assert.deepEqual([engine.username, engine.password?.reveal()], [username, password]);
  });
}

for (
  const text of [
    "build",
    "http://build",
    "redis://",
    "redis://build/x",
    "redis://build?db=1",
    "redis:build",
    "redis://b:x",
    "redis://%zz@b",
  ]
) {
  Deno.test(`shared refuses ${text}`, () => assert.equal(shared.parse(text, PLACE), undefined));
}

Deno.test("a URL that is refused is repeated without its secrets", () => {
  assert.ok(!shared.echo("redis://u:hush@build/x?y=hush").includes("hush"));
});

Deno.test("names are short and plain; that of a member may be left out, and the file too", () => {
  assert.deepEqual(["a.b-c_1", "a b", "", "a".repeat(65)].map((text) => member.parse(text, PLACE)), [
    "a.b-c_1",
    undefined,
    "",
    undefined,
  ]);
  assert.equal(sharedNamespace.parse("", PLACE), undefined);
  assert.deepEqual([sharedCaFile.read("", PLACE), sharedCaFile.parse("ca.pem", PLACE)], [
    undefined,
    "/tmp/work/ca.pem",
  ]);
});
