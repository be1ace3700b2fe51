/**
 * Reads what a JSON Web Token says about itself. Signatures are not checked: the upstream does that, and here the
 * claims only label keys.
 * @module
 */

import { isObject, member, parseJson } from "../values/json.ts";

/** The claims of `token`; nothing when it is no JWT. Never throws. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const payload = token.split(".")[1];
  if (!payload) return {};
  try {
    const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
    const claims = parseJson(new TextDecoder().decode(bytes));
    return isObject(claims) ? claims : {};
  } catch {
    // No base64url.
    return {};
  }
}

/** A claim that OpenAI keeps in a group of its own (Codex CLI, login/src/token_data.rs), such as `chatgpt_plan_type`. */
export function openAiClaim(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  return member(member(claims, "https://api.openai.com/auth"), name);
}
