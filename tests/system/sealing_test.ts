import assert from "node:assert/strict";
import * as fc from "fast-check";
import { keyFor, openText, sealText } from "../../src/system/sealing.ts";

const KEY = keyFor("records", "secret", "team");

Deno.test("a sealed text is the same again with its key and what it is about, and with nothing else", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, about) => {
    const sealed = sealText(text, KEY, about);
    assert.equal(openText(sealed, KEY, about), text);
    assert.equal(openText(sealed, KEY, `${about}.`), undefined);
    assert.equal(openText(sealed, keyFor("names", "secret", "team"), about), undefined);
  }));
});

Deno.test("a text that has changed at any place cannot be opened", () => {
  const bytes = Uint8Array.fromBase64(sealText("text", KEY, ""));
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.with(at, bytes[at]! ^ 1);
    assert.equal(openText(changed.toBase64(), KEY, ""), undefined);
    assert.equal(openText(bytes.slice(0, at).toBase64(), KEY, ""), undefined);
  }
});

Deno.test("keyFor() gives another key for another use, secret or group", () => {
  const keys = [
    KEY,
    keyFor("names", "secret", "team"),
    keyFor("records", "other", "team"),
    keyFor("records", "secret", ""),
  ];
  assert.equal(new Set(keys.map((key) => key.toBase64())).size, keys.length);
});
