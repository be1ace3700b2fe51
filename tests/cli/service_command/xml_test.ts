import assert from "node:assert/strict";
import { indented, xmlElement, xmlText } from "../../../src/cli/service_command/xml.ts";

Deno.test("xmlText() is a text and nothing else", () => {
  assert.equal(xmlText("a<b>&c\u0001\n\u{1F600}"), "a&lt;b&gt;&amp;c\n\u{1F600}");
  assert.equal(xmlElement("key", "<"), "<key>&lt;</key>");
  assert.deepEqual(indented(["a"]), ["  a"]);
});
