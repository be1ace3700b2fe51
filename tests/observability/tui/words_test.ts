import assert from "node:assert/strict";
import type { AttemptRow } from "../../../src/observability/tui/data.ts";
import { clientGot, outcomeText, statusText } from "../../../src/observability/tui/words.ts";
import { anAttemptRow } from "../../support/attempts.ts";

const STATUSES: readonly [row: Partial<AttemptRow>, text: string][] = [
  [{ status: 200 }, "200"],
  [{ status: undefined }, "none"],
  [{ status: undefined, phase: "sent" }, "…"],
];

for (const [row, text] of STATUSES) {
  Deno.test(`the live view writes the status ${text}`, () =>
    assert.equal(statusText(anAttemptRow(row)), text));
}

const OUTCOMES: readonly [row: Partial<AttemptRow>, text: string][] = [
  [{}, "ok: the upstream answered"],
  [{ streamEnd: "incomplete" }, "ok: the upstream answered: its stream ended before the answer was complete"],
  [
    { outcome: "auth_rejected", error: "token_revoked" },
    "auth_rejected: the key was refused: its token was revoked (token_revoked)",
  ],
  [{ outcome: "origin_failed", error: "stream_broken" }, "origin_failed: the upstream failed: stream_broken"],
  [{ outcome: "client_gone", streamEnd: "client_gone" }, "client_gone: the client disconnected"],
  [
    { outcome: "client_gone", streamEnd: "client_stalled" },
    "client_gone: the client disconnected: it took nothing of the answer for too long",
  ],
  [{ outcome: "of_a_newer_version" }, "of_a_newer_version"],
  [{ outcome: "constructor", streamEnd: "toString" }, "constructor"],
  [{ outcome: "", phase: "held" }, "held: it waits for a key"],
];

for (const [row, text] of OUTCOMES) {
  Deno.test(`outcomeText() says "${text}"`, () => assert.equal(outcomeText(anAttemptRow(row)), text));
}

const REFUSED: Partial<AttemptRow> = {
  phase: "refused",
  status: 503,
  error: "no_usable_keys",
  more: [["message", "None of the 2 keys can be used"]],
};

const ANSWERS: readonly [rows: Partial<AttemptRow>[], text: string][] = [
  [[], "nothing yet"],
  [[{ phase: "sent" }], "nothing yet"],
  [[{ phase: "streaming" }], "the beginning of the answer; the rest is on its way"],
  [[{ status: 429 }, { streamEnd: "completed" }], "status 200; its stream was complete"],
  [[{ outcome: "client_error", status: 404 }], "the upstream's answer, status 404"],
  [[{ outcome: "client_gone", streamEnd: "client_gone" }], "what had come before it disconnected"],
  [[{ outcome: "rate_limited", status: 429 }], 'an error; "cdx2 logs" says which'],
  [[{ outcome: "origin_failed", status: undefined }], 'an error; "cdx2 logs" says which'],
  [[{ status: 401 }, REFUSED], "503 no_usable_keys from cdx2: None of the 2 keys can be used"],
];

for (const [rows, text] of ANSWERS) {
  Deno.test(`clientGot() says "${text}" after ${rows.length} rows`, () => {
    assert.equal(clientGot(rows.map((row) => anAttemptRow(row))), text);
  });
}
