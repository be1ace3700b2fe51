import assert from "node:assert/strict";
import {
  type GatewayAnswer,
  gatewayAnswer,
  type Refused,
  unanswered,
} from "../../../src/cli/gateway/answer.ts";

const OURS = { "x-cdx2-request-id": "req_1" };
const PAGE = {
  client: "ann",
  version: "0.1.0",
  upstream: "chatgpt",
  takes_compressed: true,
  websocket: true,
  keys: 2,
  usable: true,
};
const refusal = (type: string) => JSON.stringify({ error: { type, message: "says why" } });

/** `[status, headers, text, what it means]` */
const ANSWERS: readonly [number, Record<string, string>, string, GatewayAnswer][] = [
  [200, OURS, JSON.stringify(PAGE), { kind: "welcome", page: PAGE as never }],
  [200, OURS, JSON.stringify({ ...PAGE, more: 1 }), { kind: "welcome", page: { ...PAGE, more: 1 } as never }],
  [401, OURS, refusal("client_key_needed"), { kind: "wrong_key" }],
  [403, OURS, refusal("forbidden"), { kind: "refused", message: "says why" }],
  [503, OURS, refusal("shutting_down"), { kind: "refused", message: "says why" }],
  [
    429,
    { ...OURS, "retry-after": "3" },
    refusal("too_many_wrong_keys"),
    { kind: "too_many_wrong_keys", afterS: 3 },
  ],
  [429, OURS, refusal("too_many_wrong_keys"), { kind: "too_many_wrong_keys", afterS: undefined }],
  // Forwarded by one that has no such page.
  [404, OURS, "{}", { kind: "older" }],
  [200, OURS, "<html>", { kind: "older" }],
  [200, OURS, "[]", { kind: "older" }],
  [503, OURS, refusal("no_usable_keys"), { kind: "older" }],
  [502, {}, "<html>", { kind: "down", status: 502 }],
  [504, {}, "", { kind: "down", status: 504 }],
  [301, { location: "https://elsewhere.example/x?key=1" }, "", {
    kind: "redirected",
    to: "https://elsewhere.example",
  }],
  [302, { location: "/login" }, "", { kind: "redirected", to: "another path" }],
  [200, {}, JSON.stringify(PAGE), { kind: "foreign", status: 200 }],
  [401, {}, refusal("client_key_needed"), { kind: "foreign", status: 401 }],
  [404, {}, "", { kind: "foreign", status: 404 }],
];
for (const [status, headers, text, expected] of ANSWERS) {
  Deno.test(`gatewayAnswer() takes a ${status} with ${JSON.stringify(headers)} and ${text.slice(0, 30)} for ${expected.kind}`, () => {
    assert.deepEqual(gatewayAnswer({ status, headers: new Headers(headers), text }), expected);
  });
}

/** `[what the connection says, the kind]` */
const REASONS: readonly [string, Refused["kind"]][] = [
  ["its certificate is from an unknown authority", "untrusted"],
  ["its certificate has expired", "untrusted"],
  ["it speaks no TLS", "untrusted"],
  ["connection refused", "unreachable"],
  ["no answer within 15s", "unreachable"],
];
for (const [reason, kind] of REASONS) {
  Deno.test(`unanswered() takes "${reason}" for ${kind}`, () => assert.equal(unanswered(reason).kind, kind));
}
