/**
 * Why a gateway cannot be used, and what to do about it.
 * @module
 */

import { SETTINGS } from "../../config/settings_table.ts";
import { printable } from "../../screen/cells.ts";
import { UserError } from "../../values/user_error.ts";
import type { TlsFaultKind } from "../../system/tls_fault.ts";
import type { Refused } from "./answer.ts";
import { durationText } from "../../values/durations.ts";

const REMOTE = SETTINGS.remote.environment;
const CLIENT_KEY = SETTINGS.clientKey.environment;
const ADD_CLIENT = `"cdx2 clients add NAME" on the gateway makes one`;

const TLS_HINTS: Readonly<Record<TlsFaultKind, string>> = {
  unknown_authority:
    "set DENO_CERT, and CODEX_CA_CERTIFICATE for Codex, to the file of the authority that signed it",
  expired: "the web server on the gateway needs a new one; check this machine's clock as well",
  not_yet: "check this machine's clock, and that of the machine where it was made",
  other_name: `set ${REMOTE} to a name that it is for, or have one made for this name`,
  authority:
    "the web server on the gateway needs one that the authority has signed, with basicConstraints=CA:FALSE; DENO_CERT then names the authority's",
  no_tls:
    `set ${REMOTE} to the https address of the web server in front of it; cdx2 itself speaks plain HTTP`,
  unusable: "look at the certificate of the web server on the gateway",
};

/** The error for an answer that lets nobody in. */
export function gatewayError(answer: Refused, url: string): UserError {
  const { what, hint, exitCode } = reasonOf(answer, url);
  return new UserError(`Cannot use the gateway ${url}: ${what}`, { hint, exitCode });
}

/** Why a client was not let in. */
export interface Reason {
  /** As a clause. */
  readonly what: string;
  /** What to do about it. */
  readonly hint: string;
  /** That of a command which needs the gateway. */
  readonly exitCode: 1 | 2;
}

/** It lets this client in, and has nothing for it. */
export const NO_KEY = {
  what: "it has no key for a request",
  hint: '"cdx2 doctor" on the gateway says why',
} as const;

/** What an answer says that lets nobody in. */
export function reasonOf(answer: Refused, url: string): Reason {
  switch (answer.kind) {
    case "no_key":
      return wrongSetting("there is no client key", `set ${CLIENT_KEY}; ${ADD_CLIENT}`);
    case "wrong_key":
      return wrongSetting("it does not know this client key", `set another ${CLIENT_KEY}; ${ADD_CLIENT}`);
    case "too_many_wrong_keys":
      return failed(
        `it got too many wrong keys from this address${waitText(answer.afterS)}`,
        `wait, and check ${CLIENT_KEY}; a gateway with a web server in front needs CLIPROXY_TRUSTED_PROXIES to tell clients apart`,
      );
    case "refused":
      return failed(printable(answer.message), `"cdx2 doctor" on the gateway says more`);
    case "untrusted":
      return failed(printable(answer.reason), TLS_HINTS[answer.fault]);
    case "unreachable":
      return failed(
        `it cannot be reached (${printable(answer.reason)})`,
        `check ${REMOTE}, this machine's network, and that the gateway is up`,
      );
    case "down":
      return failed(
        `the web server in front of it answers ${answer.status}, and no cdx2 answers it`,
        'look at "cdx2 status" on the gateway, and at where the web server sends requests',
      );
    case "older":
      return failed("its cdx2 is older than this one and knows no remote clients", "update cdx2 there");
    case "redirected":
      return failed(
        `it redirects to ${printable(answer.to)}, and the key goes nowhere else`,
        `set ${REMOTE} to the address that it redirects to, if that is the gateway`,
      );
    case "foreign":
      return failed(
        `what answers there is no cdx2 (status ${answer.status})`,
        answer.status === 400 && url.startsWith("http:")
          ? `set ${REMOTE} to https:// when TLS is spoken there`
          : `check ${REMOTE}: it is the address of the gateway alone, ${url} being what is set`,
      );
  }
}

function waitText(afterS: number | undefined): string {
  return afterS === undefined ? "" : `; it looks at the next one in ${durationText(afterS * 1000)}`;
}

function wrongSetting(what: string, hint: string): Reason {
  return { what, hint, exitCode: 2 };
}

function failed(what: string, hint: string): Reason {
  return { what, hint, exitCode: 1 };
}
