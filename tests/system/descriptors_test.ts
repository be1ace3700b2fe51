import assert from "node:assert/strict";
import { hasSpareDescriptors, isDescriptorShortage } from "../../src/system/descriptors.ts";

const UNLIMITED = Deno.build.os === "windows";

Deno.test({
  name: "hasSpareDescriptors() compares with what the system lets this process open, and keeps none",
  ignore: UNLIMITED,
  fn: async () => {
    const source = new URL("../../src/system/descriptors.ts", import.meta.url).href;
    const program = `const { hasSpareDescriptors: has } = await import(${JSON.stringify(source)});
      console.log(JSON.stringify([has(50), has(50), has(50), has(200), has(50)]));`;
    const { stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-c", 'ulimit -n 128; exec "$0" eval "$1"', Deno.execPath(), program],
    }).output();
    const text = new TextDecoder();
    assert.equal(text.decode(stdout), "[true,true,true,false,true]\n", text.decode(stderr));
  },
});

Deno.test("hasSpareDescriptors() asks for none", () => assert.equal(hasSpareDescriptors(0), true));

const ERRORS: readonly [unknown, boolean][] = [
  [new Error("Too many open files (os error 24)"), true],
  [new Error("Too many open files in system (os error 23)"), true],
  [Object.assign(new Error("too many open files"), { code: "EMFILE" }), true],
  [Object.assign(new Error("too many open files"), { code: "ENFILE" }), true],
  [new Error("No such file or directory (os error 2)"), false],
  [new Error("os error 245"), false],
  ["EMFILE", false],
];

for (const [error, isShortage] of ERRORS) {
  Deno.test(`isDescriptorShortage() of ${String(error)}: ${isShortage}`, () => {
    assert.equal(isDescriptorShortage(error), isShortage);
  });
}
