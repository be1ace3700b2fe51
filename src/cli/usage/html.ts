/**
 * The usage page: one HTML file with everything in it, that asks nobody for anything. Its policy lets the browser run the
 * two scripts of the page and load nothing. It is loaded for `--html` alone: the plotting library has 50 kB.
 * @module
 */

import { createHash } from "node:crypto";
import licence from "uplot/LICENSE" with { type: "text" };
import libraryStyle from "uplot/dist/uPlot.min.css" with { type: "text" };
import library from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import type { Usage, UsageRow } from "../../api/usage.ts";
import { counted, countText, durationText, groupedDigits } from "../../values/durations.ts";
import { dayOf } from "../../values/local_time.ts";
import { windowName } from "../window_name.ts";
import ownStyle from "./page.css" with { type: "text" };
import script from "./page.js" with { type: "text" };
import type { KeyPlot, PlotData } from "./plot_data.ts";
import { medianText, NOBODY, poolText, shareText, tokensOf } from "./text.ts";

/** What the page shows. */
export interface UsagePage {
  /** By key. */
  readonly usage: Usage;
  readonly models: readonly UsageRow[];
  readonly plots: PlotData;
  /** Of this program. */
  readonly version: string;
}

// For a figure that there is not.
const NONE = "–";

/** The whole file. */
export function htmlPage({ usage, models, plots, version }: UsagePage): string {
  const nowMs = Date.parse(usage.to);
  const title = `Usage from ${dayOf(Date.parse(usage.from))} to ${dayOf(nowMs)}`;
  const scripts = [library, script].map(inScript);
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `script-src ${scripts.map((text) => `'sha256-${sha256(text)}'`).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${inStyle(libraryStyle)}${inStyle(ownStyle)}</style>
</head>
<body>
<h1>${title.replaceAll("-", "&#8209;")}</h1>
<p>${escaped(poolText(usage.forecast, nowMs))} at the present rate</p>
<section class="figures">${figures(usage)}</section>
${plotSections(plots)}
${tableSection("Keys", usage.rows)}
${tableSection("Models", models.map((row) => ({ ...row, name: row.name || NOBODY.model })))}
${forecastSection(usage)}
<footer>Made by cdx2 ${escaped(version)} on ${dayOf(nowMs)}. Plots by uPlot, under the MIT licence.</footer>
<script type="application/json" id="data">${jsonInHtml(plots)}</script>
<!-- uPlot
${licence.replaceAll("--", "- -")}
-->
${scripts.map((text) => `<script>${text}</script>`).join("\n")}
</body>
</html>
`;
}

function figures({ total }: Usage): string {
  const list: readonly (readonly [string, string])[] = [
    [countText(tokensOf(total)), "tokens"],
    [shareText(total.cache_rate, NONE), "of the input from the prompt cache"],
    [groupedDigits(total.requests), total.requests === 1 ? "request" : "requests"],
    [medianText(total.first_token_ms, NONE), "to the first token, median"],
    [medianText(total.added_ms, NONE), "added by the proxy, median"],
    [groupedDigits(total.switches), total.switches === 1 ? "switch of key" : "switches of key"],
  ];
  return list.map(([figure, what]) => `<div><strong>${escaped(figure)}</strong><span>${what}</span></div>`)
    .join("");
}

function plotSections({ keys, is_daily, more_keys }: PlotData): string {
  const part = is_daily ? "day" : "hour";
  const sections = [
    plotSection("tokens", `Tokens per ${part} and key`, "Input and output, on top of each other."),
    plotSection("cache", "Cache rate", "The share of the input that came from the prompt cache."),
    plotSection(
      "added",
      "Added latency",
      "What the proxy adds before an attempt begins: reading the body, waiting for a key, earlier attempts.",
    ),
    plotSection("first", "Time to the first token", "From the start of the attempt, median."),
    ...keys.map(keySection),
  ];
  const more = more_keys === 0 ? "" : `<p>${counted(more_keys, "further key")} with less use not shown</p>`;
  return sections.join("\n") + more;
}

function keySection({ key }: KeyPlot, at: number): string {
  return plotSection(
    `key-${at}`,
    `Windows of ${escaped(key)}`,
    "Percent used. Dotted lines: resets. Triangles: sessions that moved to this key. Squares: changes of its state.",
  );
}

function plotSection(id: string, heading: string, about: string): string {
  return `<section><h2>${heading}</h2><p>${about}</p><div id="${id}"></div></section>`;
}

function tableSection(heading: string, rows: readonly UsageRow[]): string {
  const head = ["", "tokens", "output", "cached", "requests", "failed", "first token", "added", "switches"];
  const lines = rows.map((row) => [
    escaped(row.name),
    countText(tokensOf(row)),
    countText(row.output_tokens),
    shareText(row.cache_rate, NONE),
    groupedDigits(row.requests),
    groupedDigits(row.failed),
    medianText(row.first_token_ms, NONE),
    medianText(row.added_ms, NONE),
    groupedDigits(row.switches),
  ]);
  return tableOf(heading, head, lines);
}

function forecastSection({ forecast, to }: Usage): string {
  const nowMs = Date.parse(to);
  const inTime = (at: string | null) => at === null ? NONE : `in ${durationText(Date.parse(at) - nowMs)}`;
  const lines = forecast.keys.flatMap(({ key, windows }) =>
    windows.map((window) => [
      escaped(key),
      windowName(window.window_seconds),
      `${Math.round(window.used_percent)}%`,
      `${window.percent_per_hour}%`,
      inTime(window.runs_out_at),
      inTime(window.reset_at),
    ])
  );
  return tableOf("Forecast", ["", "window", "used", "per hour", "runs out", "resets"], lines);
}

function tableOf(heading: string, head: readonly string[], lines: readonly (readonly string[])[]): string {
  if (lines.length === 0) return "";
  const row = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  const body = lines.map((cells) => row(cells, "td")).join("");
  return `<section><h2>${heading}</h2><div class="scroll"><table><thead>${row(head, "th")}</thead>` +
    `<tbody>${body}</tbody></table></div></section>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text from outside, written so that HTML takes it for nothing but a text. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}

/** A value as JSON for a script element that is not run. */
export function jsonInHtml(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function inScript(text: string): string {
  return text.trim().replace(/<\/script/gi, "<\\/script");
}

function inStyle(text: string): string {
  return text.trim().replace(/<\/style/gi, "");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
