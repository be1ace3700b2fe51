/**
 * Logging in with a code that the user types on a page of the issuer, on any device. Not the flow of RFC 8628: the issuer
 * makes the PKCE pair itself, and answers 403 or 404 until the user has decided (measured with Codex CLI 0.169.0).
 * @module
 */

import * as z from "zod/mini";
import { Secret } from "../values/secret.ts";
import {
  exchangeCode,
  type LoginClient,
  loginFailed,
  type LoginFailure,
  type LoginOutcome,
  noAnswerFailure,
  statusText,
} from "./login.ts";
import { challengeOf } from "./login_request.ts";
import { errorCodeIn, type IssuerAnswer, type NoAnswer, postToIssuer } from "./token_endpoint.ts";
import { latencyText, timeLeftText } from "../values/durations.ts";

/** What the user has to type, and where. */
export interface DeviceCode {
  /** The page to open. */
  readonly pageUrl: string;
  /** What to type there. */
  readonly userCode: string;
  /** When the issuer forgets it. */
  readonly endsAtMs: number;
}

/** How a device login ended; `unavailable` when the issuer has no such flow, or not for this client. */
export type DeviceOutcome = LoginOutcome | { readonly kind: "unavailable" };

// As long as the issuer keeps the code.
const LOGIN_MS = 15 * 60 * 1000;
const DEFAULT_INTERVAL_S = 5;
// Whatever the issuer names: not a request after the other, and not so slowly that the user waits in vain.
const [MIN_INTERVAL_S, MAX_INTERVAL_S] = [1, 60];
// RFC 8628 §3.5.
const SLOWER_S = 5;

/** What the user can do where a login with a code does not work. */
export const OTHER_WAY =
  'use "cdx2 auth login --browser", or --manual when the browser is on another machine';

/** Logs in. `tell` is called once, when the user can type the code. */
export async function deviceLogin(
  client: LoginClient,
  tell: (code: DeviceCode) => void,
): Promise<DeviceOutcome> {
  const begun = await begin(client);
  if (!("deviceAuthId" in begun)) return begun;
  tell(begun);
  const approved = await untilDecided(client, begun);
  if (!("code" in approved)) return approved;
  return await exchangeCode(client, { ...approved, redirectUri: `${client.issuer}/deviceauth/callback` });
}

interface Begun extends DeviceCode {
  readonly deviceAuthId: string;
  readonly intervalS: number;
}

async function begin(client: LoginClient): Promise<Begun | DeviceOutcome> {
  const fields = { client_id: client.clientId };
  const path = "/api/accounts/deviceauth/usercode";
  const answer = await postToIssuer(client, { path, format: "json", fields }, (answer) => answer);
  if ("kind" in answer) return noAnswerFailure(answer);
  const { status, body, retryAfterMs } = answer;
  if (status === 404) return { kind: "unavailable" };
  if (status === 429) {
    const when = retryAfterMs === undefined ? "later" : `in ${timeLeftText(retryAfterMs)}`;
    return loginFailed("the issuer limits logins with a code", `try again ${when}, or ${OTHER_WAY}`);
  }
  if (status !== 200) {
    const code = errorCodeIn(body);
    return loginFailed(`the issuer gives no code (${statusText({ status, code })})`, OTHER_WAY);
  }
  const read = z.safeParse(schemas().begun, body);
  if (!read.success) return loginFailed("the issuer's answer holds no code", OTHER_WAY);
  const endsAtMs = client.clock.nowMs() + LOGIN_MS;
  return { ...read.data, pageUrl: `${client.issuer}/codex/device`, endsAtMs };
}

type Approved = { readonly code: Secret; readonly verifier: Secret };

async function untilDecided(client: LoginClient, begun: Begun): Promise<Approved | LoginFailure> {
  const fields = { device_auth_id: begun.deviceAuthId, user_code: begun.userCode };
  const path = "/api/accounts/deviceauth/token";
  let { intervalS } = begun;
  while (client.clock.nowMs() < begun.endsAtMs) {
    const answer = await postToIssuer(client, { path, format: "json", fields }, (answer) => answer);
    const decision = decisionIn(answer);
    if (decision.kind === "approved") return decision;
    if (decision.kind === "failed") return decision;
    if (decision.isTooFast) intervalS = Math.min(intervalS + SLOWER_S, MAX_INTERVAL_S);
    await client.clock.sleep(Math.max(intervalS * 1000, decision.retryAfterMs ?? 0));
  }
  return loginFailed(`nobody typed the code within ${latencyText(LOGIN_MS)}`, "log in again");
}

type Decision =
  | { readonly kind: "approved" } & Approved
  | { readonly kind: "pending"; readonly isTooFast: boolean; readonly retryAfterMs: number | undefined }
  | LoginFailure;

const PENDING_CODES = new Set(["authorization_pending", "slow_down"]);

// A question that failed on its way proves nothing about the decision: it is put again.
function decisionIn(answer: IssuerAnswer | NoAnswer): Decision {
  if ("kind" in answer) return { kind: "pending", isTooFast: false, retryAfterMs: undefined };
  const { status, body, retryAfterMs } = answer;
  const code = status === 200 ? undefined : errorCodeIn(body);
  const isPending = [403, 404, 408, 429].includes(status) || status >= 500 || PENDING_CODES.has(code ?? "");
  if (isPending) return { kind: "pending", isTooFast: code === "slow_down", retryAfterMs };
  if (status !== 200) return decidedAgainst(status, code);
  const read = z.safeParse(schemas().approved, body);
  if (!read.success) return loginFailed("the issuer's answer holds no code", "log in again");
  const { authorization_code, code_verifier, code_challenge } = read.data;
  const verifier = new Secret(code_verifier);
  if (code_challenge !== undefined && code_challenge !== challengeOf(verifier)) {
    return loginFailed("the two halves of the issuer's proof (PKCE) do not fit together", "log in again");
  }
  return { kind: "approved", code: new Secret(authorization_code), verifier };
}

function decidedAgainst(status: number, code: string | undefined): LoginFailure {
  if (/denied/.test(code ?? "")) return loginFailed("it was denied on the issuer's page");
  if (/expired/.test(code ?? "")) return loginFailed("the code has expired", "log in again");
  return loginFailed(`the issuer ended it (${statusText({ status, code })})`, OTHER_WAY);
}

/** Made for the first answer: a command that asks nothing does not pay for it. */
let made: ReturnType<typeof makeSchemas> | undefined;
function schemas() {
  return made ??= makeSchemas();
}

function makeSchemas() {
  const filled = z.string().check(z.minLength(1));
  // It is printed on a terminal.
  const shown = filled.check(z.regex(/^[\x21-\x7e]{1,40}$/));
  const begun = z.object({
    device_auth_id: filled,
    user_code: z.optional(shown),
    usercode: z.optional(shown),
    interval: z.optional(z.unknown()),
  });
  return {
    begun: z.pipe(
      begun.check(z.refine(({ user_code, usercode }) => (user_code ?? usercode) !== undefined)),
      z.transform(({ device_auth_id, user_code, usercode, interval }) => ({
        deviceAuthId: device_auth_id,
        userCode: user_code ?? usercode ?? "",
        intervalS: intervalIn(interval),
      })),
    ),
    approved: z.object({
      authorization_code: filled,
      code_verifier: filled,
      code_challenge: z.catch(z.optional(filled), undefined),
    }),
  };
}

// A text from the real issuer; a number would be natural.
function intervalIn(interval: unknown): number {
  const isGiven = typeof interval === "number" || (typeof interval === "string" && interval.trim() !== "");
  const seconds = isGiven ? Number(interval) : NaN;
  if (Number.isNaN(seconds)) return DEFAULT_INTERVAL_S;
  return Math.min(Math.max(seconds, MIN_INTERVAL_S), MAX_INTERVAL_S);
}
