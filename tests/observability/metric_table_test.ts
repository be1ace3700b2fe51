import assert from "node:assert/strict";
import { METRICS } from "../../src/observability/metric_table.ts";

interface Dashboard {
  readonly panels: readonly Panel[];
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

const METRIC = /\bcdx2_\w+/g;

/** The names of all series, as a query writes them. */
const SERIES = new Map(
  Object.values(METRICS).flatMap(({ name, type, labels }) =>
    (type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])
      .map((series) => [series, new Set<string>([...labels, ...(type === "histogram" ? ["le"] : [])])])
  ),
);

async function dashboard(): Promise<Dashboard> {
  const url = new URL("../../docs/grafana-dashboard.json", import.meta.url);
  return JSON.parse(await Deno.readTextFile(url));
}

Deno.test("the queries of the Grafana dashboard name metrics that exist, with labels that they have", async () => {
  for (const { title, targets } of (await dashboard()).panels) {
    for (const { expr } of targets) {
      const names = expr.match(METRIC) ?? [];
      assert.ok(names.length > 0, title);
      const labels = new Set<string>();
      for (const name of names) {
        assert.ok(SERIES.has(name), `${title}: there is no ${name}`);
        for (const label of SERIES.get(name)!) labels.add(label);
      }
      const used = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/,\s*/))
        .concat([...expr.matchAll(/[{,]\s*(\w+)\s*(?:=|!=|=~)"/g)].map(([, label]) => label!));
      for (const label of used) assert.ok(labels.has(label), `${title}: ${label} is not a label of ${names}`);
    }
  }
});

Deno.test("the panels of the dashboard do not overlap and have different ids", async () => {
  const { panels } = await dashboard();
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + at % w} ${y + Math.floor(at / w)}`)
  );
  assert.equal(new Set(cells).size, cells.length);
});

Deno.test("a counter ends with _total, and each metric has a sentence", () => {
  for (const { name, type, help } of Object.values(METRICS)) {
    assert.equal(name.endsWith("_total"), type === "counter", name);
    assert.match(help, /\.$/);
  }
});
