/**
 * What a JSON Web Token (RFC 7519) says about itself. Signatures are not checked: the upstream does that, and here the
 * claims are only labels of keys.
 * @module
 */

import { isObject, member, parseJson } from "../values/json.ts";

/** The claim with the group of OpenAI's own claims (Codex CLI, login/src/token_data.rs). */
export const OPENAI_CLAIMS = "https://api.openai.com/auth";

/** The claims of `token`; none when it is not a JWT. Never throws. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const payload = token.split(".")[1];
  if (!payload) return {};
  try {
    const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
    const claims = parseJson(new TextDecoder().decode(bytes));
    return isObject(claims) ? claims : {};
  } catch {
    // Not base64url.
    return {};
  }
}

/** One of OpenAI's own claims, such as `chatgpt_plan_type`; `undefined` when there is none. */
export function openAiClaim(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  return member(member(claims, OPENAI_CLAIMS), name);
}
