import assert from "node:assert/strict";
import { TraceLines } from "../../../src/cli/trace/lines.ts";
import { paletteFor } from "../../../src/screen/output.ts";
import type { TraceRow } from "../../../src/api/trace.ts";
import { attemptFields } from "../../support/events.ts";

function paletteOf(isTerminal: boolean) {
  return paletteFor(isTerminal, { allowsColour: true, env: {} });
}

function aRow(over: Partial<TraceRow> = {}): TraceRow {
  const fields = attemptFields({
    request_id: "req_a",
    path: "/responses",
    auth_file: "work.json",
    outcome: "ok",
  });
  return {
    id: 1,
    ts: 1_800_000_000.12,
    ...fields,
    attempt: 1,
    status: 200,
    latency_ms: 12.6,
    ...over,
  };
}

Deno.test("TraceLines gives each attempt one line of words", () => {
  const line = new TraceLines(paletteOf(false)).render([aRow()]);
  const words = line.trim().split(/ +/);
  assert.match(words[0]!, /^\d\d:\d\d:\d\d\.120$/);
  assert.deepEqual(words.slice(1), [
    "req_a",
    "#1",
    "POST",
    "/responses",
    "request",
    "200",
    "13ms",
    "work.json",
    "ok",
  ]);
});

Deno.test("TraceLines has a column for clients once a row names one", () => {
  const lines = new TraceLines(paletteOf(false));
  const words = (over: Partial<TraceRow>) => lines.render([aRow(over)]).trim().split(/ +/).slice(9);
  assert.deepEqual(words({}), ["ok"]);
  assert.deepEqual(words({ client: "lea-laptop" }), ["ok", "lea-laptop"]);
  assert.deepEqual(words({ error: "lost" }), ["ok", "-", "lost"]);
});

Deno.test("TraceLines writes a latency as one word", () => {
  const line = new TraceLines(paletteOf(false)).render([aRow({ latency_ms: 154_321 })]);
  assert.match(line, / 2m35s +work\.json /);
});

Deno.test("TraceLines keeps its columns, portion after portion", () => {
  const lines = new TraceLines(paletteOf(false));
  const first = lines.render([aRow({ auth_file: "a-long-name.json" }), aRow()]).split("\n");
  const later = lines.render([aRow()]).split("\n");
  assert.equal(new Set([first[0], first[1], later[0]].map((line) => line!.lastIndexOf(" ok"))).size, 1);
});

Deno.test("TraceLines has a dash for what is not known, and no control characters", () => {
  const row = aRow({ status: null, auth_file: null, path: "/a b", error: "broke\x1b[2J\n" });
  const line = new TraceLines(paletteOf(false)).render([row]);
  assert.match(line, / \/a_b +request +- +13ms +- +ok +broke\\u\{1b\}\[2J\\u\{a\}\n$/);
});

Deno.test("TraceLines gives no text for no rows", () => {
  assert.equal(new TraceLines(paletteOf(true)).render([]), "");
});

const COLOURS: [status: number | null, code: string][] = [[200, ""], [429, "33"], [502, "31"], [null, "31"]];

for (const [status, code] of COLOURS) {
  Deno.test(`TraceLines shows status ${status} in ${code ? `colour ${code}` : "plain"}`, () => {
    const line = new TraceLines(paletteOf(true)).render([aRow({ status })]);
    assert.equal(line.startsWith("\x1b["), code !== "");
    assert.ok(line.startsWith(code ? `\x1b[${code}m` : ""));
  });
}
