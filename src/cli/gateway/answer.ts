/**
 * What an answer to the question for the client's page means, from a cdx2 or from anything else. Pure.
 * @module
 */

import { type ClientPage, clientPage } from "../../api/client_page.ts";
import type { Received } from "../../api/received.ts";
import { received } from "../../api/received.ts";
import { refusalBody } from "../../api/refusal.ts";
import { type TlsFaultKind, tlsFaultOf } from "../../system/tls_fault.ts";
import { isObject, parseJson } from "../../values/json.ts";

/** What became of the question. */
export type GatewayAnswer =
  | { readonly kind: "welcome"; readonly page: Received<ClientPage> }
  /** None was asked: there is no client key to present. */
  | { readonly kind: "no_key" }
  | { readonly kind: "wrong_key" }
  /** Somebody presented one wrong key after another from this address, or from that of the web server in front of it. */
  | { readonly kind: "too_many_wrong_keys"; readonly afterS: number | undefined }
  /** The gateway does not know the name under which it was asked, or refuses for another reason that it names. */
  | { readonly kind: "refused"; readonly message: string }
  /** There is no TLS with it, because of its certificate or for want of it. */
  | { readonly kind: "untrusted"; readonly fault: TlsFaultKind; readonly reason: string }
  | { readonly kind: "unreachable"; readonly reason: string }
  /** The web server in front of it answers, and the gateway does not. */
  | { readonly kind: "down"; readonly status: number }
  /** A cdx2 without this page. */
  | { readonly kind: "older" }
  | { readonly kind: "redirected"; readonly to: string }
  /** Something else. */
  | { readonly kind: "foreign"; readonly status: number };

/** An answer that does not let the client in. */
export type Refused = Exclude<GatewayAnswer, { kind: "welcome" }>;

/** An HTTP answer, read to its end. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What an answer means. */
export function gatewayAnswer({ status, headers, text }: ReadAnswer): GatewayAnswer {
  const body = parseJson(text);
  const refused = received(refusalBody, body)?.error;
  if (!headers.has("x-cdx2-request-id")) return fromAnother(status, headers);
  switch (refused?.type) {
    case "client_key_needed":
      return { kind: "wrong_key" };
    case "too_many_wrong_keys":
      return { kind: "too_many_wrong_keys", afterS: Number(headers.get("retry-after")) || undefined };
    case "forbidden":
    case "overloaded":
    case "shutting_down":
      return { kind: "refused", message: refused.message };
  }
  const page = status === 200 && isObject(body) ? received(clientPage, body) : undefined;
  return page === undefined ? { kind: "older" } : { kind: "welcome", page };
}

/** There was no answer. `reason` is a few words. */
export function unanswered(reason: string): Refused {
  const fault = tlsFaultOf(reason);
  return fault ? { kind: "untrusted", fault, reason } : { kind: "unreachable", reason };
}

function fromAnother(status: number, headers: Headers): GatewayAnswer {
  if (status >= 500) return { kind: "down", status };
  const to = headers.get("location");
  return status >= 300 && status < 400 && to !== null
    ? { kind: "redirected", to: hostOf(to) }
    : { kind: "foreign", status };
}

/** The address may hold secrets in its query. */
function hostOf(location: string): string {
  return URL.parse(location)?.origin ?? "another path";
}
