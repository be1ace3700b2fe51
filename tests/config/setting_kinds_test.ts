// Each kind as a table: text in, value out; `undefined` stands for "not allowed".

import assert from "node:assert/strict";
import fc from "fast-check";
import { SETTINGS } from "../../src/config/settings_table.ts";
import { Secret } from "../../src/values/secret.ts";
import {
  hostName,
  ipRange,
  type Kind,
  listOf,
  mebibytes,
  oneOf,
  onOff,
  path,
  percent,
  seconds,
  secretKey,
  wholeNumber,
} from "../../src/config/setting_kinds.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { parses, PLACE } from "../support/setting_kinds.ts";

parses("wholeNumber()", wholeNumber(0, 65535), [
  ["0", 0],
  ["65535", 65535],
  ["65536", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["0x10", undefined],
  ["1e3", undefined],
  [" 1", undefined],
  ["", undefined],
]);

parses("wholeNumber() without a maximum", wholeNumber(1), [
  ["1", 1],
  ["0042", 42],
  ["999999999", 999_999_999],
  ["1000000000", undefined],
  ["0", undefined],
]);

parses("percent()", percent(), [
  ["0", 0],
  ["99.5", 99.5],
  ["100", 100],
  ["100.1", undefined],
  ["-1", undefined],
  ["ten", undefined],
  ["", undefined],
]);

parses("seconds() without a maximum", seconds(5), [
  ["5", 5000],
  ["999999", 999_999_000],
  ["1000000", undefined],
  ["4.9", undefined],
]);

parses("seconds()", seconds(0.05, 60), [
  ["0.05", 50],
  ["1.0005", 1001],
  ["60", 60_000],
  ["0.049", undefined],
  ["60.1", undefined],
  [".5", undefined],
  ["1s", undefined],
  ["Infinity", undefined],
]);

parses("mebibytes()", mebibytes(1, 64), [
  ["1", 1_048_576],
  ["64", 67_108_864],
  ["0", undefined],
  ["1.5", undefined],
]);

parses("oneOf()", oneOf("session", "request"), [
  ["request", "request"],
  ["Request", undefined],
  ["", undefined],
]);

parses("onOff()", onOff(), [
  ["1", true],
  ["true", true],
  ["YES", true],
  ["on", true],
  ["0", false],
  ["False", false],
  ["no", false],
  ["off", false],
  ["2", undefined],
  ["constructor", undefined],
]);

parses("path()", path(), [
  ["~", "/home/ann"],
  ["~/keys", "/home/ann/keys"],
  ["~bob/keys", "/tmp/work/~bob/keys"],
  ["keys/../other/", "/tmp/work/other"],
  ["/srv/my keys", "/srv/my keys"],
  ["", undefined],
]);

parses("hostName()", hostName(), [
  ["127.0.0.1", "127.0.0.1"],
  ["127.1", "127.0.0.1"],
  ["LocalHost", "localhost"],
  ["my-box.example", "my-box.example"],
  ["::1", "::1"],
  ["[::1]", "::1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["0.0.0.0", "0.0.0.0"],
  ["300.1.1.1", undefined],
  ["127.0.0.1:80", undefined],
  ["http://127.0.0.1", undefined],
  ["a b", undefined],
  ["-x", undefined],
  ["a/b", undefined],
  ["a@b", undefined],
  ["", undefined],
]);

parses("secretKey()", secretKey(8), [
  ["12345678", new Secret("12345678")],
  ["1234567", undefined],
  ["1234 5678", undefined],
  ["12345678\n", undefined],
  ["12345678ü", undefined],
]);

Deno.test("secretKey() keeps the text and shows none of it", () => {
  const kind = secretKey(8);
  const secret = kind.parse("hunter2hunter2");
  assert.equal(secret?.reveal(), "hunter2hunter2");
  assert.equal(kind.show(secret), "[REDACTED]");
  assert.equal(kind.show(undefined), null);
  assert.equal(kind.echo?.("hunter2"), "[REDACTED]");
});

Deno.test("seconds() and mebibytes() show what was written", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 86_400_000 }), (valueMs) => {
    const kind = seconds(0, 86_400);
    assert.equal(kind.parse(String(kind.show(valueMs))), valueMs);
  }));
  fc.assert(fc.property(fc.integer({ min: 1, max: 1024 }), (count) => {
    const kind = mebibytes(1, 1024);
    assert.equal(kind.show(kind.parse(String(count)) ?? 0), count);
  }));
});

parses("listOf() with hostName()", listOf(hostName(), "names"), [
  ["", []],
  [" , ", []],
  ["host.docker.internal", ["host.docker.internal"]],
  ["A.lan, [fd00::7] ,10.0.0.7,", ["a.lan", "fd00::7", "10.0.0.7"]],
  ["a.lan:8317", undefined],
  ["a.lan b.lan", undefined],
  ["*", undefined],
]);

parses("ipRange()", ipRange(), [
  ["127.0.0.1", "127.0.0.1"],
  ["[::1]", "::1"],
  ["FD00::7", "fd00::7"],
  ["10.0.0.0/8", "10.0.0.0/8"],
  ["[fd00::]/8", "fd00::/8"],
  ["10.0.0.0/33", undefined],
  ["10.1", undefined],
  ["localhost", undefined],
  ["", undefined],
]);

Deno.test("listOf() shows its values as they can be written, and none as null", () => {
  const kind = listOf(hostName(), "names");
  assert.equal(kind.show(["a.lan", "b.lan"]), "a.lan,b.lan");
  assert.equal(kind.show([]), null);
});

Deno.test("every setting takes or refuses any text, and shows what it took as JSON can hold it", () => {
  const rows = Object.values(SETTINGS) as readonly Kind<unknown>[];
  const likely = fc.constantFrom(
    "0",
    "1",
    "-1",
    "1e9",
    "on",
    "off",
    "auto",
    "0.0.0.0",
    "[::1]",
    "https://a.example/b",
    "~/x",
  );
  const texts = fc.oneof(
    likely,
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.webUrl(),
    fc.double().map(String),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const kind of rows) {
        const value = kind.parse(text, PLACE);
        if (value !== undefined) JSON.stringify(kind.show(value));
      }
    }),
    { numRuns: fuzzRuns(1_000) },
  );
});
