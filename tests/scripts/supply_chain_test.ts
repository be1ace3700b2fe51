// What comes from others: exact versions, a hash for each, nothing that runs at its installation, and licences that let
// the executable be passed on.

import assert from "node:assert/strict";
import { fields, texts } from "../support/parsed.ts";

const ROOT = new URL("../../", import.meta.url);
const config = fields(JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT))));
const lock = fields(JSON.parse(await Deno.readTextFile(new URL("deno.lock", ROOT))));

// Each lets a program that contains the package be passed on, with its notice.
const LICENCES = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD"];

Deno.test("every dependency is pinned to one exact version", () => {
  const imports = texts(config["imports"]);
  assert.ok(Object.keys(imports).length > 5);
  for (const [name, from] of Object.entries(imports)) {
    assert.match(from, /^npm:\/?(?:@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+(?:\/\w*)?$/, name);
  }
});

Deno.test("the lock file may not change by itself, and knows a hash of every package", () => {
  assert.deepEqual(config["lock"], { path: "deno.lock", frozen: true });
  const packages = Object.entries(fields(lock["npm"]));
  assert.ok(packages.length > 5);
  for (const [name, entry] of packages) {
    assert.match(String(fields(entry)["integrity"]), /^sha512-[A-Za-z0-9+/]{86}==$/, name);
  }
  assert.deepEqual(Object.keys(lock).filter((name) => ["jsr", "remote", "redirects"].includes(name)), []);
});

Deno.test("no package runs anything at its installation", () => {
  for (const [name, entry] of Object.entries(fields(lock["npm"]))) {
    assert.ok(!("scripts" in fields(entry)), `${name} has install scripts`);
  }
  assert.ok(!("allowScripts" in config), "no install script is allowed");
});

Deno.test("every package in the executable has a licence with which it may be passed on", async () => {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: ROOT,
    stderr: "null",
  }).output();
  assert.ok(success);
  const packages = Object.values(fields(fields(JSON.parse(new TextDecoder().decode(stdout)))["npmPackages"]));
  assert.ok(packages.length >= 5);
  for (const one of packages) {
    const { name, localPath } = texts(one);
    const { license } = fields(JSON.parse(await Deno.readTextFile(`${localPath}/package.json`)));
    assert.ok(LICENCES.includes(String(license)), `${name} has the licence ${license}`);
  }
});
