import assert from "node:assert/strict";
import {
  endedLine,
  refusedLine,
  runningLine,
  type TraceLine,
  TraceLines,
} from "../../../src/cli/trace/lines.ts";
import { paletteFor } from "../../../src/screen/output.ts";
import type { RunningRow, TraceRow } from "../../../src/api/trace.ts";
import { attemptFields } from "../../support/events.ts";

function paletteOf(isTerminal: boolean) {
  return paletteFor(isTerminal, { allowsColour: true, env: {} });
}

function aRow(over: Partial<TraceRow> = {}): TraceLine {
  const fields = attemptFields({
    request_id: "req_a",
    path: "/responses",
    auth_file: "work.json",
    outcome: "ok",
  });
  return endedLine({
    id: 1,
    ts: 1_800_000_000.12,
    ...fields,
    attempt: 1,
    status: 200,
    latency_ms: 12.6,
    ...over,
  });
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

const BEGAN_AT = "2027-01-15T08:00:00.500Z";

/** `[what it does, the word for it]` */
const RUNNING: readonly [state: RunningRow["state"], outcome: string][] = [
  ["held", "no_key_free"],
  ["sent", "waiting"],
  ["streaming", "streaming"],
];

for (const [state, outcome] of RUNNING) {
  Deno.test(`TraceLines shows a request that is ${state} as "${outcome}", in the columns of those that have ended`, () => {
    const { request_id, attempt, method, path, route, model, session, auth_email, client_ip, auth_file } =
      attemptFields({
        request_id: "req_b",
        path: "/responses",
        auth_file: state === "held" ? null : "work.json",
      });
    const row = {
      request_id,
      attempt,
      method,
      path,
      route,
      model,
      session,
      auth_email,
      client_ip,
      auth_file,
    };
    const line = runningLine({ ...row, state, began_at: BEGAN_AT }, Date.parse(BEGAN_AT) + 12_400);
    const [ended, running] = new TraceLines(paletteOf(false)).render([aRow(), line]).trim().split("\n");
    const file = state === "held" ? "-" : "work.json";
    assert.match(
      running!,
      new RegExp(`\\.500  req_b  #1  POST  /responses  request  -  +12s  ${file} +${outcome}$`),
    );
    assert.equal(running!.indexOf(outcome), ended!.lastIndexOf("ok"));
  });
}

Deno.test("TraceLines shows a request that the proxy refused by itself", () => {
  const line = refusedLine({
    ts: 1_800_000_000.12,
    request_id: "req_c",
    method: "POST",
    path: "/responses",
    client_ip: "127.0.0.1",
    status: 503,
    type: "no_usable_keys",
    message: "None of the 2 keys can be used",
  });
  const words = new TraceLines(paletteOf(false)).render([line]).trim().split(/ +/).slice(1);
  assert.deepEqual(words, [
    "req_c",
    "-",
    "POST",
    "/responses",
    "-",
    "503",
    "-",
    "-",
    "refused",
    "no_usable_keys",
  ]);
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
