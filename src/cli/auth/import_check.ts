/**
 * Whether a key works, before it is imported. It is asked for its usage, or for the list of models: that spends nothing,
 * and a token is never renewed for it.
 * @module
 */

import { credentialKind } from "../../auth/credential_kind.ts";
import { type AuthRecord, isExpired } from "../../auth/record.ts";
import type { Settings } from "../../config/settings.ts";
import type { Send } from "../../system/http.ts";
import { SendError } from "../../system/http.ts";
import { ask, type QuestionAnswer } from "../../upstream/question.ts";
import { readTrial } from "../../upstream/trial.ts";
import { Upstream } from "../../upstream/upstream.ts";
import { VERSION } from "../version.ts";
import type { World } from "../world.ts";
import { API_KEY_RECIPE } from "../doctor/api_keys.ts";
import { expiryText } from "./expiry.ts";
import { latencyText } from "../../values/durations.ts";

/** What came of a check. */
export type Checked =
  /** `note` is what the user should know; `undefined` when it works. */
  | { readonly kind: "usable"; readonly note: string | undefined }
  /** `reason` completes "Cannot import …: ". */
  | { readonly kind: "rejected"; readonly reason: string };

/** How a key is checked. */
export interface CheckOptions {
  /** Where keys without an upstream of their own are asked. */
  readonly settings: Pick<Settings, "upstream" | "usageBaseUrl">;
  /** False when the user wants no question to be asked. */
  readonly mayAsk: boolean;
  /** The way to the upstream. */
  readonly send: Send;
}

const TIMEOUT_MS = 10_000;

/** Checks one key. Rejects only for a bug. */
export async function checkKey(
  { clock }: Pick<World, "clock">,
  record: AuthRecord,
  { settings, mayAsk, send }: CheckOptions,
): Promise<Checked> {
  const upstream = new Upstream(record.upstream ?? settings.usageBaseUrl ?? settings.upstream);
  const isChatGptPool = new Upstream(record.upstream ?? settings.upstream).isChatGpt;
  if (credentialKind(record.token) === "api_key" && isChatGptPool) return usable(API_KEY_RECIPE);
  if (isExpired({ record }, clock.nowMs())) {
    return usable(`its token ${expiryText(record.expiresAtMs, clock.nowMs())}`);
  }
  if (!mayAsk) return usable("it was not checked");
  try {
    const question = upstream.trialQuestion(record, `cdx2/${VERSION}`);
    const answer = await ask(question, { send, clock, timeoutMs: TIMEOUT_MS });
    if (!answer) return notChecked(`no answer within ${latencyText(TIMEOUT_MS)}`);
    return verdict(answer, upstream, clock.nowMs());
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return notChecked(`${upstream.origin} is not reachable: ${error.message}`);
  }
}

function verdict(answer: QuestionAnswer, { isChatGpt, origin }: Upstream, nowMs: number): Checked {
  const { outcome } = readTrial(answer, isChatGpt, nowMs);
  if (outcome.kind === "ok" || outcome.kind === "rate_limited") return usable(undefined);
  // Without a code, too: the page of a key's own usage is refused for no other reason.
  if (outcome.kind === "auth_rejected" || answer.status === 401) {
    const code = "code" in outcome && outcome.code !== undefined ? `, ${outcome.code}` : "";
    return { kind: "rejected", reason: `${origin} rejects its token (status ${answer.status}${code})` };
  }
  return notChecked(`${origin} answers with status ${answer.status}`);
}

function usable(note: string | undefined): Checked {
  return { kind: "usable", note };
}

function notChecked(reason: string): Checked {
  return usable(`it could not be checked: ${reason}`);
}
