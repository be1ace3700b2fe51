import assert from "node:assert/strict";
import * as fc from "fast-check";
import { respCommand, RespError, RespReader, type RespValue } from "../../src/system/resp.ts";

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

const CASES: readonly (readonly [wire: string, value: RespValue])[] = [
  ["+OK\r\n", "OK"],
  ["-ERR no such command\r\n", new RespError("ERR no such command")],
  [":42\r\n", 42],
  ["$-1\r\n", null],
  ["*-1\r\n", null],
  ["$0\r\n\r\n", ""],
  ["$6\r\nf\r\né1\r\n", "f\r\né1"],
  ["*0\r\n", []],
  ["*3\r\n$1\r\na\r\n:1\r\n*1\r\n$-1\r\n", ["a", 1, [null]]],
];

for (const [wire, value] of CASES) {
  Deno.test(`RespReader reads ${JSON.stringify(wire)}, wherever it is cut`, () => {
    const bytes = bytesOf(wire + wire);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const reader = new RespReader();
      const values = [...reader.read(bytes.slice(0, cut)), ...reader.read(bytes.slice(cut))];
      assert.deepEqual(values, [value, value]);
    }
  });
}

for (const wire of ["HTTP/1.1 400 Bad Request\r\n", "$x\r\n", "*99999999999\r\n", "+a\rb\r\n"]) {
  Deno.test(`RespReader refuses ${JSON.stringify(wire)}`, () => {
    assert.throws(() => new RespReader().read(bytesOf(wire)), /another protocol/);
  });
}

Deno.test("RespReader refuses lists in lists without end, and an answer over 64 MiB that comes in complete pieces", () => {
  assert.throws(() => new RespReader().read(bytesOf("*1\r\n".repeat(1000))), /another protocol/);
  const reader = new RespReader();
  const piece = bytesOf(`$${1024 * 1024}\r\n${"x".repeat(1024 * 1024)}\r\n`);
  reader.read(bytesOf("*1000\r\n"));
  for (let count = 0; count < 63; count++) assert.deepEqual(reader.read(piece), []);
  assert.throws(() => reader.read(piece), /too long/);
});

Deno.test("respCommand() counts bytes, so that any text comes back as it was", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "grapheme" })), (words) => {
    assert.deepEqual(new RespReader().read(respCommand(words)), [words]);
  }));
});
