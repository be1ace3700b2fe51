import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { escaped, htmlPage, jsonInHtml } from "../../../src/cli/usage/html.ts";
import { plotData } from "../../../src/cli/usage/plot_data.ts";
import { aUsage, aUsageRow } from "../../support/usage.ts";
import { demoUsage } from "../../support/demo_usage.ts";

const NOW = Date.UTC(2026, 10, 26, 15);
const FROM = NOW - 13 * 86_400_000;

function aPage(name = "work.json") {
  const plots = plotData(demoUsage(NOW), { fromMs: FROM, nowMs: NOW, nameOf: () => name });
  return htmlPage({
    usage: aUsage({ rows: [aUsageRow({ name })] }),
    models: [aUsageRow({ name })],
    plots,
    version: "1.2.3",
  });
}

Deno.test("the page asks nobody for anything", () => {
  const page = aPage();
  assert.match(page, /content="default-src 'none';/);
  const attributes = page.match(/<(?:link|img|iframe|object|a)\b|\b(?:src|href|action)=|@import|url\(/gi);
  assert.deepEqual(attributes, null);
});

Deno.test("the page's policy names its scripts by their hashes, and lets no other run", () => {
  const page = aPage();
  const named = /script-src ([^;]*);/.exec(page)![1]!.split(" ");
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text!);
  const hashes = scripts.map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  assert.deepEqual(named, hashes);
  assert.equal(scripts.length, 2);
});

Deno.test("the page keeps the licence of the plotting library", () => {
  assert.match(aPage(), /<!-- uPlot\n[\s\S]*MIT License[\s\S]*Permission is hereby granted[\s\S]*-->/);
});

Deno.test("names in the tables of the page keep room on a phone, the legends on paper have no empty values", () => {
  const page = aPage();
  assert.match(page, /td:first-child \{[^}]*min-width: 8rem;[^}]*\}/);
  assert.match(page, /@media print \{[\s\S]*\.u-legend \.u-value,[\s\S]*display: none;/);
});

const NASTY = [
  `</script><script>alert(1)</script>`,
  `<img src=x onerror=alert(1)>`,
  `" onmouseover="alert(1)`,
  `--><script>alert(1)</script>`,
  `&lt;b&gt;.json`,
  "\u2028</SCRIPT >",
];
for (const name of NASTY) {
  Deno.test(`a key called ${JSON.stringify(name)} is only a text on the page`, () => {
    const page = aPage(name);
    assert.ok(!page.includes(name), "it is escaped");
    assert.equal(page.match(/<script/g)?.length, 3);
    const data = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(page)![1]!;
    assert.equal(JSON.parse(data).keys[0].key, name);
  });
}

Deno.test("no text gets out of its place", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assert.doesNotMatch(escaped(text), /[<>"']/);
    const json = jsonInHtml({ text });
    assert.doesNotMatch(json, /[<>\u2028\u2029]/);
    assert.deepEqual(JSON.parse(json), { text });
  }));
});
