/**
 * One request in detail: what the client got, and every attempt with its key, its cause and its cost.
 * @module
 */

import { wrappedToFit } from "../../screen/line.ts";
import { durationText, groupedDigits, latencyText, timeText } from "../../values/durations.ts";
import type { AttemptRow, Tokens } from "./data.ts";
import { type Fact, factLines } from "./facts.ts";
import { WHY_THIS_KEY } from "./more_facts.ts";
import { clientGot, outcomeText, statusText } from "./words.ts";
import { highest, lowest } from "../../values/extremes.ts";

/** All that is known of one request; no line is wider than `cells`. */
export function detailLines(
  newestFirst: readonly AttemptRow[],
  { cells, nowMs }: { readonly cells: number; readonly nowMs: number },
): readonly string[] {
  const rows = newestFirst.toReversed().toSorted((a, b) => rank(a) - rank(b));
  const [first] = rows;
  if (!first) return wrappedToFit("the attempts of this request are no longer in the list", cells);
  const { method, path, route, clientIp } = first;
  const kind = route === "" ? "" : ` (${route})`;
  const attempts = rows.filter(({ phase }) => phase !== "refused");
  const lines = factLines([...attempts.map((row) => factsOf(row, nowMs)), requestFacts(rows, nowMs)], cells);
  return [
    ...wrappedToFit(`request ${first.requestId}`, cells),
    ...wrappedToFit(`${method} ${path}${kind} from ${clientIp}`, cells),
    ...lines.at(-1)!,
    ...attempts.flatMap((row, index) => ["", `attempt ${row.number}`, ...lines[index]!]),
  ];
}

// Running ones come after those that have ended, and the refusal at the end.
function rank({ phase }: AttemptRow): number {
  return phase === "ended" ? 0 : phase === "refused" ? 2 : 1;
}

function requestFacts(rows: readonly AttemptRow[], nowMs: number): readonly Fact[] {
  const [{ client, model, session }] = rows as readonly [AttemptRow];
  const attempts = rows.filter(({ phase }) => phase !== "refused");
  return [
    ...named("client", client),
    ...named("model", model),
    ...named("session", session),
    ["client got", clientGot(rows)],
    ["attempts", attempts.length === 0 ? "none" : `${attempts.length} in ${spanText(attempts, nowMs)}`],
  ];
}

function spanText(attempts: readonly AttemptRow[], nowMs: number): string {
  const startMs = lowest(attempts.map(startOf));
  const endMs = highest(attempts.map((row) => row.phase === "ended" ? row.atMs : nowMs));
  return latencyText(Math.max(0, endMs - startMs));
}

function factsOf(row: AttemptRow, nowMs: number): readonly Fact[] {
  const { phase, latencyMs, tokens, more } = row;
  const isEnded = phase === "ended";
  const took = isEnded ? `took ${latencyText(latencyMs)}` : `${durationText(nowMs - row.atMs)} ago`;
  return [
    ["outcome", outcomeText(row)],
    ["status", isEnded ? statusText(row) : "none yet"],
    ["key", keyText(row)],
    ...more.filter(([name]) => name === WHY_THIS_KEY),
    ["began", `${timeText(startOf(row))}, ${took}`],
    ...named("tokens", tokensText(tokens)),
    ...more.filter(([name]) => name !== WHY_THIS_KEY),
  ];
}

function keyText({ phase, file, email }: AttemptRow): string {
  if (file === "") return phase === "held" ? "none yet" : "none: the client's own login";
  return email === "" ? file : `${file} (${email})`;
}

function named(name: string, text: string): readonly Fact[] {
  return text === "" ? [] : [[name, text]];
}

/** `12,345 read (11,000 of them cached), 310 written`; empty when nothing is known. */
function tokensText({ input, cached, output }: Tokens): string {
  const fromCache = cached === undefined ? "" : ` (${groupedDigits(cached)} of them cached)`;
  return [
    ...(input === undefined ? [] : [`${groupedDigits(input)} read${fromCache}`]),
    ...(output === undefined ? [] : [`${groupedDigits(output)} written`]),
  ].join(", ");
}

function startOf({ atMs, latencyMs }: AttemptRow): number {
  return atMs - latencyMs;
}
