import assert from "node:assert/strict";
import {
  Counter,
  type Family,
  Histogram,
  renderFamilies,
  sampleOf,
} from "../../src/observability/prometheus.ts";

const FAMILY: Family = { name: "x_total", type: "counter", help: "What x is." };

Deno.test("renderFamilies() writes help and type of a family without samples too", () => {
  assert.equal(renderFamilies([[FAMILY, []]]), "# HELP x_total What x is.\n# TYPE x_total counter\n");
});

Deno.test("renderFamilies() escapes what would end a line or a label", () => {
  const text = renderFamilies([[{ ...FAMILY, help: 'a\\b\nc "d"' }, [
    sampleOf(1, { a: 'say "hi"\\\nbye', b: "é" }),
  ]]]);
  assert.equal(
    text,
    '# HELP x_total a\\\\b\\nc "d"\n# TYPE x_total counter\nx_total{a="say \\"hi\\"\\\\\\nbye",b="é"} 1\n',
  );
});

Deno.test("Counter counts each combination of labels separately", () => {
  const counter = new Counter();
  counter.add({ key: "a", outcome: "ok" });
  counter.add({ key: "a", outcome: "ok" }, 2);
  counter.add({ key: "a,ok", outcome: "" });
  assert.deepEqual(counter.samples().map(({ value }) => value), [3, 1]);
});

Deno.test("Histogram counts in each bucket all values that are not above its end", () => {
  const histogram = new Histogram([1, 5]);
  for (const value of [0, 1, 1.5, 5, 99]) histogram.observe({ route: "request" }, value);
  const lines = histogram.samples().map(({ suffix, labels, value }) =>
    `${suffix} ${labels["le"] ?? "-"} ${value}`
  );
  assert.deepEqual(lines, ["_bucket 1 2", "_bucket 5 4", "_bucket +Inf 5", "_sum - 106.5", "_count - 5"]);
});

Deno.test("Histogram keeps the distributions of different labels separate", () => {
  const histogram = new Histogram([1]);
  histogram.observe({ route: "request" }, 3);
  histogram.observe({ route: "models" }, 0.5);
  const totals = histogram.samples().filter(({ suffix }) => suffix === "_sum");
  assert.deepEqual(totals.map(({ labels, value }) => [labels["route"], value]), [["request", 3], [
    "models",
    0.5,
  ]]);
});
