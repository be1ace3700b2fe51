import { refusalBody } from "../../src/api/refusal.ts";
import { poolExhausted } from "../../src/proxy/exhaustion.ts";
import { NO_WEBSOCKET, type Refusal, toResponse } from "../../src/proxy/refusal.ts";
import { T0 } from "../support/builders.ts";
import { assertIs } from "../support/pages.ts";

const NO_KEYS = poolExhausted(
  {
    reports: [],
    bound: undefined,
    mainOnly: false,
    model: undefined,
    refused: new Map(),
    authDir: "/keys",
    isCodex: false,
  },
  T0,
);
const LIMITED: Refusal = { ...NO_KEYS, status: 429, retry: { afterS: 30, resetsAtS: 1_800_000_030 } };

for (const refusal of [NO_KEYS, LIMITED, NO_WEBSOCKET]) {
  Deno.test(`a refusal with ${refusal.status} has the body that is declared`, async () => {
    const body = await toResponse(refusal, "req_1").json();
    assertIs(refusalBody, body);
  });
}
