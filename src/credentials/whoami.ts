/**
 * Whose personal access token it is: the token does not say, and requests have to name the account. The issuer tells it
 * for the token (measured with Codex CLI 0.169.0, which asks at each start).
 * @module
 */

import * as z from "zod/mini";
import type { Secret } from "../values/secret.ts";
import { askIssuer, type IssuerAnswer, type TokenEndpointOptions } from "./token_endpoint.ts";

/** What the issuer says. */
export type Owner =
  | { readonly kind: "known"; readonly accountId: string; readonly email: string | undefined }
  /** The token is of no use. */
  | { readonly kind: "rejected"; readonly status: number }
  /** `reason` completes "its account is not known: ". */
  | { readonly kind: "unknown"; readonly reason: string };

/** Asks once. Rejects only for a bug. */
export async function ownerOf(token: Secret, options: TokenEndpointOptions): Promise<Owner> {
  const path = "/api/accounts/v1/user-auth-credential/whoami";
  const headers = { authorization: `Bearer ${token.reveal()}` };
  const owner = await askIssuer(options, { path, method: "GET", headers }, ownerIn);
  return owner.kind === "not_sent" ? unknown(owner.reason) : owner;
}

function unknown(reason: string): Owner {
  return { kind: "unknown", reason };
}

function ownerIn({ status, body }: IssuerAnswer): Owner {
  if (status === 401) return { kind: "rejected", status };
  const text = z.string().check(z.trim(), z.regex(/^[\x21-\x7e]+$/));
  const schema = z.object({ chatgpt_account_id: text, email: z.catch(z.optional(text), undefined) });
  const read = z.safeParse(schema, body);
  if (status !== 200 || !read.success) return unknown(`the issuer answers with status ${status}`);
  return { kind: "known", accountId: read.data.chatgpt_account_id, email: read.data.email };
}
