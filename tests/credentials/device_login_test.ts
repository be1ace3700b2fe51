import assert from "node:assert/strict";
import { deviceLogin, type DeviceOutcome } from "../../src/credentials/device_login.ts";
import { challengeOf } from "../../src/credentials/login_request.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";

const ISSUER = "https://issuer.example";
const BEGUN = { device_auth_id: "dev_1", user_code: "ABCD-1234", interval: "5" };
const APPROVED = {
  authorization_code: "ac_1",
  code_verifier: "v",
  code_challenge: challengeOf(new Secret("v")),
};
const TOKENS = { access_token: "at", refresh_token: "rt", id_token: "id" };
const PENDING = answer(403, { error: { code: "deviceauth_authorization_unknown" } });

interface Story {
  readonly outcome: DeviceOutcome;
  readonly told: readonly string[];
  /** When each question about the decision was put, in seconds after the first one. */
  readonly askedAtS: readonly number[];
  readonly send: FakeSend;
}

/** A login that meets these answers; it is over after an hour at the latest. */
async function story(...replies: Reply[]): Promise<Story> {
  const [clock, send] = [new FakeClock(), new FakeSend(...replies)];
  const times: number[] = [];
  const client = {
    send: (request: Parameters<typeof send.send>[0]) => {
      if (request.url.endsWith("/deviceauth/token")) times.push(clock.nowMs());
      return send.send(request);
    },
    clock,
    issuer: ISSUER,
    timeoutMs: 30_000,
    clientId: "app_1",
  };
  const told: string[] = [];
  const login = deviceLogin(client, ({ pageUrl, userCode }) => told.push(pageUrl, userCode));
  await clock.advance(3_600_000);
  return { outcome: await login, told, askedAtS: times.map((time) => (time - times[0]!) / 1000), send };
}

function says({ outcome }: Story): string {
  return outcome.kind === "failed" ? `${outcome.reason} / ${outcome.hint ?? ""}` : outcome.kind;
}

function bodies({ send }: Story): unknown[] {
  return send.requests.map(({ body }) => new TextDecoder().decode(body));
}

Deno.test("deviceLogin() tells the code, asks at once, waits, and exchanges what the issuer gives", async () => {
  const login = await story(
    answer(200, BEGUN),
    PENDING,
    answer(404),
    answer(200, APPROVED),
    answer(200, TOKENS),
  );
  assert.equal(login.outcome.kind, "tokens");
  assert.deepEqual(login.told, [`${ISSUER}/codex/device`, "ABCD-1234"]);
  assert.deepEqual(login.askedAtS, [0, 5, 10]);
  assert.deepEqual(bodies(login).slice(0, 2), [
    '{"client_id":"app_1"}',
    '{"device_auth_id":"dev_1","user_code":"ABCD-1234"}',
  ]);
  const form = new URLSearchParams(String(bodies(login).at(-1)));
  assert.deepEqual([form.get("code"), form.get("code_verifier"), form.get("redirect_uri")], [
    "ac_1",
    "v",
    `${ISSUER}/deviceauth/callback`,
  ]);
});

for (
  const [interval, seconds] of [
    ["5", 5],
    [5, 5],
    ["2.5", 2.5],
    [0, 1],
    ["0", 1],
    [-3, 1],
    [1e9, 60],
    [null, 5],
    ["", 5],
    ["soon", 5],
    [undefined, 5],
  ] as const
) {
  Deno.test(`deviceLogin() asks every ${seconds} s when the interval is ${JSON.stringify(interval)}`, async () => {
    const begun = answer(200, { ...BEGUN, interval });
    const { askedAtS } = await story(begun, PENDING, answer(200, APPROVED), answer(200, TOKENS));
    assert.deepEqual(askedAtS, [0, seconds]);
  });
}

for (
  const [name, reply, secondAtS] of [
    ["429", answer(429), 5],
    ["429 with a time", answer(429, {}, { "retry-after": "30" }), 30],
    ["429 with a shorter time", answer(429, {}, { "retry-after": "1" }), 5],
    ["503 with a time", answer(503, {}, { "retry-after": "20" }), 20],
    ["500", answer(500), 5],
    ["a page of the CDN", () => new Response("<html>", { status: 403 }), 5],
    ["slow_down", answer(400, { error: "slow_down" }), 10],
    ["authorization_pending", answer(400, { error: "authorization_pending" }), 5],
    ["a broken connection", "interrupted", 5],
    ["a network that is down", "not_sent", 5],
    ["silence", "hang", 35],
  ] satisfies [string, Reply, number][]
) {
  Deno.test(`deviceLogin() goes on after ${name}`, async () => {
    const login = await story(answer(200, BEGUN), reply, answer(200, APPROVED), answer(200, TOKENS));
    assert.equal(login.outcome.kind, "tokens");
    assert.deepEqual(login.askedAtS, [0, secondAtS]);
  });
}

for (
  const [name, replies, expected] of [
    [
      "it is denied",
      [PENDING, answer(400, { error: { code: "deviceauth_denied" } })],
      /denied on the issuer's page/,
    ],
    ["the code expires", [answer(400, { error: { code: "deviceauth_expired" } })], /the code has expired/],
    ["it is refused", [answer(400, {})], /ended it \(status 400\).*--browser/],
    ["nobody types the code", [PENDING], /nobody typed the code within 15m/],
    ["the answer is empty", [answer(200, {})], /holds no code/],
    [
      "the proof does not fit",
      [answer(200, { ...APPROVED, code_challenge: "another" })],
      /\(PKCE\) do not fit together/,
    ],
    ["the exchange fails", [answer(200, APPROVED), answer(500)], /gave no tokens \(status 500\)/],
  ] satisfies [string, Reply[], RegExp][]
) {
  Deno.test(`deviceLogin() fails when ${name}`, async () => {
    assert.match(says(await story(answer(200, BEGUN), ...replies)), expected);
  });
}

for (
  const [name, reply, expected] of [
    ["has no such flow", answer(404), /^unavailable$/],
    [
      "limits logins",
      answer(429, {}, { "retry-after": "90" }),
      /limits logins with a code .*try again in 1m 30s/,
    ],
    ["limits logins without a time", answer(429), /try again later/],
    ["refuses", answer(403, { error: { code: "not_allowed" } }), /gives no code \(status 403, not_allowed\)/],
    ["gives no code", answer(200, { device_auth_id: "dev_1" }), /holds no code/],
    ["gives a code that cannot be shown", answer(200, { ...BEGUN, user_code: "\x1b[2J" }), /holds no code/],
    ["is not reachable", "not_sent", /not reachable: connection refused .*HTTPS_PROXY/],
    ["is silent", "hang", /did not answer: no answer within 30s/],
  ] satisfies [string, Reply, RegExp][]
) {
  Deno.test(`deviceLogin() ends before anybody types when the issuer ${name}`, async () => {
    const login = await story(reply);
    assert.match(says(login), expected);
    assert.deepEqual(login.told, []);
  });
}

Deno.test("deviceLogin() reads the code under its other name", async () => {
  const { device_auth_id, user_code: usercode } = BEGUN;
  const login = await story(
    answer(200, { device_auth_id, usercode }),
    answer(200, APPROVED),
    answer(200, TOKENS),
  );
  assert.equal(login.told[1], "ABCD-1234");
});
