/**
 * Whose personal access token it is: the token does not say, and requests have to name the account. The issuer tells it
 * for the token (measured with Codex CLI 0.169.0, which asks at each start).
 * @module
 */

import * as z from "zod/mini";
import { withDeadline } from "../system/clock.ts";
import { SendError } from "../system/http.ts";
import { parseJson } from "../values/json.ts";
import type { Secret } from "../values/secret.ts";
import type { TokenEndpointOptions } from "./token_endpoint.ts";

/** What the issuer says. */
export type Owner =
  | { readonly kind: "known"; readonly accountId: string; readonly email: string | undefined }
  /** The token is of no use. */
  | { readonly kind: "rejected"; readonly status: number }
  /** `reason` completes "its account is not known: ". */
  | { readonly kind: "unknown"; readonly reason: string };

/** Asks once. Rejects only for a bug. */
export async function ownerOf(
  token: Secret,
  { send, clock, issuer, timeoutMs }: TokenEndpointOptions,
): Promise<Owner> {
  const url = `${issuer}/api/accounts/v1/user-auth-credential/whoami`;
  const headers = new Headers({ accept: "application/json", authorization: `Bearer ${token.reveal()}` });
  try {
    const answer = await withDeadline(clock, timeoutMs, async (signal) => {
      const response = await send({ url, method: "GET", headers, signal });
      return { status: response.status, text: await response.text() };
    });
    if (!answer) return unknown(`no answer within ${timeoutMs / 1000} s`);
    if (answer.status === 401) return { kind: "rejected", status: 401 };
    return ownerIn(answer.status, parseJson(answer.text));
  } catch (error) {
    return unknown(error instanceof SendError ? error.message : "the answer broke off");
  }
}

function unknown(reason: string): Owner {
  return { kind: "unknown", reason };
}

function ownerIn(status: number, body: unknown): Owner {
  const text = z.string().check(z.trim(), z.regex(/^[\x21-\x7e]+$/));
  const schema = z.object({ chatgpt_account_id: text, email: z.catch(z.optional(text), undefined) });
  const read = z.safeParse(schema, body);
  if (status !== 200 || !read.success) return unknown(`the issuer answers with status ${status}`);
  return { kind: "known", accountId: read.data.chatgpt_account_id, email: read.data.email };
}
