/**
 * The Prometheus text format, as far as our metrics need it: counters, gauges and histograms with labels.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 * @module
 */

/** By name. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a family. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Appended to the name of the family; empty except for the samples of a histogram. */
  readonly suffix: "" | "_bucket" | "_sum" | "_count";
}

/** The sample of a counter or gauge. */
export function sampleOf(value: number, labels: Labels = {}): Sample {
  return { labels, value, suffix: "" };
}

/** What the samples of one name have in common. */
export interface Family {
  /** With its prefix. It ends with `_total` for a counter, and with the unit where there is one. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
}

/** The media type of the text format. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Counts by labels. A combination of labels has a sample from its first count on. */
export class Counter {
  readonly #series = new Map<string, { readonly labels: Labels; value: number }>();

  add(labels: Labels, by = 1): void {
    seriesOf(this.#series, labels, () => ({ labels, value: 0 })).value += by;
  }

  samples(): readonly Sample[] {
    return [...this.#series.values()].map(({ labels, value }) => sampleOf(value, labels));
  }
}

interface Distribution {
  readonly labels: Labels;
  /** The number of values in each bucket alone; the last bucket has those above all limits. */
  readonly counts: number[];
  sum: number;
}

/** Counts values in buckets, by labels. */
export class Histogram {
  readonly #limits: readonly number[];
  readonly #series = new Map<string, Distribution>();

  /** `limits` are the inclusive upper ends of the buckets, in ascending order. */
  constructor(limits: readonly number[]) {
    this.#limits = limits;
  }

  observe(labels: Labels, value: number): void {
    const counts = () => Array<number>(this.#limits.length + 1).fill(0);
    const series = seriesOf(this.#series, labels, () => ({ labels, counts: counts(), sum: 0 }));
    const bucket = this.#limits.findIndex((limit) => value <= limit);
    series.counts[bucket < 0 ? this.#limits.length : bucket]! += 1;
    series.sum += value;
  }

  samples(): readonly Sample[] {
    return [...this.#series.values()].flatMap((series) => this.#samplesOf(series));
  }

  #samplesOf({ labels, counts, sum }: Distribution): readonly Sample[] {
    let total = 0;
    const buckets = counts.map((count, index): Sample => {
      const le = String(this.#limits[index] ?? "+Inf");
      return { suffix: "_bucket", labels: { ...labels, le }, value: total += count };
    });
    return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: total }];
  }
}

/** The families as text, each with its help and type, also those without samples. */
export function renderFamilies(families: readonly (readonly [Family, readonly Sample[]])[]): string {
  return families.map(([family, samples]) => renderFamily(family, samples)).join("");
}

function renderFamily({ name, type, help }: Family, samples: readonly Sample[]): string {
  const lines = [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`];
  for (const { suffix, labels, value } of samples) {
    lines.push(`${name}${suffix}${labelText(labels)} ${value}`);
  }
  return lines.join("\n") + "\n";
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) =>
    `${name}="${escaped(value).replaceAll('"', '\\"')}"`
  );
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function seriesOf<T>(series: Map<string, T>, labels: Labels, create: () => T): T {
  const id = idOf(labels);
  const known = series.get(id);
  if (known) return known;
  const made = create();
  series.set(id, made);
  return made;
}

/** The values of the labels; the lengths tell where each of them ends. */
function idOf(labels: Labels): string {
  let id = "";
  for (const name in labels) id += `${labels[name]!.length}:${labels[name]}`;
  return id;
}
