/**
 * Makes a login of a refresh token alone, by renewing it at once. As with every renewal, the token is noted before it is
 * sent, it is sent once, and the new tokens are on the disk before anything else happens.
 * @module
 */

import type { Clock } from "../system/clock.ts";
import type { Send } from "../system/http.ts";
import { Secret } from "../values/secret.ts";
import { loginFile } from "./login.ts";
import { newMark, type RenewalMark } from "./renewal_mark.ts";
import type { RenewalMarks } from "./renewal_marks.ts";
import { sendRefreshToken } from "./renewal_request.ts";
import type { IssuedTokens } from "./token_endpoint.ts";

/** What it takes. */
export interface RenewNowDeps {
  /** The notes about refresh tokens. */
  readonly marks: RenewalMarks;
  /** The way to the issuer. */
  readonly send: Send;
  /** Dates notes, and measures the timeout. */
  readonly clock: Clock;
  /** Without a slash at its end. */
  readonly issuer: string;
  /** The program that asks. */
  readonly clientId: string;
}

/** What came of it. */
export type RenewedNow<Kept> =
  | { readonly kind: "kept"; readonly kept: Kept }
  /** Nothing was kept. `reason` completes "it is skipped: ". */
  | { readonly kind: "refused"; readonly reason: string };

/** Where new tokens were kept that could not become a key. */
export class KeptAsideError extends Error {
  /** For messages. */
  override readonly name = "KeptAsideError";
  /** `path` is the file with the tokens, which can be imported; `cause` says why they are there. */
  constructor(readonly path: string, override readonly cause: unknown) {
    super(`the new tokens are in ${path}`);
  }
}

const NOT_KNOWN = { accountId: undefined, userId: undefined, email: undefined, sessionId: undefined };

/**
 * Renews the login of `token`. `keep` writes the text of its auth file and gives the path of the file.
 * @throws {@link KeptAsideError} when `keep` rejects: then the tokens are in a file of their own
 * @throws {FileError} when the notes cannot be written; nothing was sent
 */
export async function renewNow<Kept extends { readonly path: string }>(
  deps: RenewNowDeps,
  token: Secret,
  keep: (text: Secret) => Promise<Kept>,
): Promise<RenewedNow<Kept>> {
  const { marks, clock, issuer, clientId } = deps;
  const [lock, way] = [await marks.lock(token), await marks.lockIssuer(issuer)];
  try {
    const known = await marks.read(token, "");
    const reason = known && NOT_AGAIN[known.state];
    if (reason !== undefined) return { kind: "refused", reason };
    await marks.write(token, { ...newMark("", clock.nowMs()), state: "sent" });
    const answer = await sendRefreshToken(deps, { refreshToken: token, clientId, line: NOT_KNOWN });
    if (answer.kind === "renewed") return await keepTokens(deps, { token, tokens: answer.tokens }, keep);
    const state = answer.kind;
    const why = answer.kind === "dead" ? answer.code : answer.reason;
    await marks.write(token, { ...newMark("", clock.nowMs()), state, reason: why });
    return { kind: "refused", reason: `${REFUSALS[state]} (${why})` };
  } finally {
    way.release();
    lock.release();
  }
}

const USED_UP = "its refresh token is used up";
const NOT_AGAIN: Readonly<Partial<Record<RenewalMark["state"], string>>> = {
  spent: USED_UP,
  dead: "the issuer has refused its refresh token",
  lost: "its refresh token was sent before, and may be used up",
  sent: "its refresh token was sent before, and may be used up",
  unknown: "its refresh token was sent before, and may be used up",
  codex: "Codex renews this login: renewing it here would end it",
};
const REFUSALS = {
  dead: "the issuer refuses its refresh token",
  failed: "the issuer did not renew it",
  unknown: "the issuer did not answer, and its refresh token may be used up",
} as const;

async function keepTokens<Kept extends { readonly path: string }>(
  { marks, clock, issuer, clientId }: RenewNowDeps,
  { token, tokens }: { readonly token: Secret; readonly tokens: IssuedTokens },
  keep: (text: Secret) => Promise<Kept>,
): Promise<RenewedNow<Kept>> {
  const nowMs = clock.nowMs();
  const refreshToken = tokens.refreshToken ?? token;
  const text = new Secret(loginFile({ ...tokens, refreshToken }, { issuer, clientId, nowMs }));
  const kept = await keep(text).catch(async (cause) => {
    throw new KeptAsideError(await marks.keepAside(token, text.reveal()), cause);
  });
  const fresh = { ...newMark(kept.path, nowMs), renewedAtMs: nowMs };
  if (tokens.refreshToken && !tokens.refreshToken.equals(token)) {
    await marks.write(token, { ...fresh, state: "spent" });
  }
  await marks.write(refreshToken, fresh);
  return { kind: "kept", kept };
}
