/**
 * Keeps the new tokens of a login. Until they are on the disk they exist only in this program, and the old ones are used
 * up: so if the auth file cannot be written, they go into a file of their own.
 * @module
 */

import type { WritableAuthDir } from "../auth/auth_file_change.ts";
import type { Clock } from "../system/clock.ts";
import { FileError } from "../system/files.ts";
import type { Send } from "../system/http.ts";
import { UserError } from "../values/user_error.ts";
import { endOfToken } from "./held_login.ts";
import type { RenewableLogin, RenewalKey } from "./renewable.ts";
import type { RenewalFactsDeps } from "./renewal_facts.ts";
import { newMark, type RenewalMark } from "./renewal_mark.ts";
import type { RenewalOutcome } from "./renewal_plan.ts";
import { type NewTokens, storeTokens, withTokens } from "./renewal_store.ts";
import type { IssuedTokens } from "./token_endpoint.ts";

/** What a renewal needs. */
export interface RenewDeps extends RenewalFactsDeps {
  /** Dates notes, and measures the timeout. */
  readonly clock: Clock;
  /** The way to the issuer. */
  readonly send: Send;
  /** Asked for a login that does not say which program it was given to. */
  readonly clientId: string;
  /** A number from 0 up to 1, for jitter. */
  readonly randomShare: () => number;
}

const WRITE_TRIES = 5;
// Without any copy on the disk: somebody may make room.
const LAST_WRITE_TRIES = 60;
const WRITE_PAUSE_MS = 1000;

/** A refresh token that was sent. */
export interface Sent {
  /** Whose it is. */
  readonly key: RenewalKey;
  /** What its file held. */
  readonly login: RenewableLogin;
  /** What was known about it before. */
  readonly mark: RenewalMark;
}

/** Writes the new tokens, if need be elsewhere: until then they exist only in this program. */
export async function keepTokens(deps: RenewDeps, sent: Sent, issued: IssuedTokens): Promise<RenewalOutcome> {
  const { marks, clock } = deps;
  const { key: { path }, login, mark } = sent;
  const nowMs = clock.nowMs();
  const tokens = { ...issued, expiresAtMs: endOfToken(issued.accessToken) };
  const place = await write(deps, sent, tokens);
  const fresh: RenewalMark = {
    ...newMark(path, nowMs),
    renewedAtMs: nowMs,
    renewedBeforeMs: mark.renewedAtMs,
  };
  const spent: RenewalMark = { ...fresh, state: "spent", path: place.kind === "aside" ? place.path : path };
  try {
    await marks.write(issued.refreshToken ?? login.refreshToken, fresh);
    if (issued.refreshToken) await marks.write(login.refreshToken, spent);
  } catch (error) {
    // The note that it was sent stays: it is not sent again either way.
    if (!(error instanceof FileError)) throw error;
  }
  return place.kind === "aside"
    ? { ...place, kind: "kept_aside" }
    : { kind: "renewed", endsAtMs: tokens.expiresAtMs };
}

type Place = { readonly kind: "written" } | {
  readonly kind: "aside";
  readonly path: string;
  readonly reason: string;
};

async function write(deps: RenewDeps, sent: Sent, tokens: NewTokens): Promise<Place> {
  const { files, marks, clock } = deps;
  const { key: { path }, login } = sent;
  const keepAside = () => marks.keepAside(login.refreshToken, asideText(login, tokens, clock.nowMs()));
  let place: Place | undefined;
  let problem: Error | undefined;
  for (let tries = 1; tries <= (place ? WRITE_TRIES : LAST_WRITE_TRIES); tries++) {
    try {
      const isWritten = await storeTokens(placeOf(deps), path, {
        before: login,
        tokens,
        nowMs: clock.nowMs(),
      });
      if (isWritten) {
        if (place?.kind === "aside") await files.remove(place.path);
        return { kind: "written" };
      }
      const reason = "another program has changed its file meanwhile";
      return place ?? { kind: "aside", path: await keepAside(), reason };
    } catch (error) {
      if (!(error instanceof FileError || error instanceof UserError)) throw error;
      problem = error;
      const reason = `its file cannot be written: ${error.message}`;
      place ??= await keepAside().then(
        (aside): Place => ({ kind: "aside", path: aside, reason }),
        () => undefined,
      );
    }
    await clock.sleep(WRITE_PAUSE_MS);
  }
  if (place) return place;
  throw problem ?? new FileError("other", `${path}: cannot be written`);
}

/** Where the auth files are written. */
export function placeOf({ files, clock, settings: { authDir } }: RenewDeps): WritableAuthDir {
  return { files, clock, authDir };
}

/** An auth file of its own, which `cdx2 auth import` takes. */
function asideText(login: RenewableLogin, tokens: NewTokens, nowMs: number): string {
  const { accountId: account_id } = login.line;
  const base = JSON.stringify(
    { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens: { account_id } },
    null,
    2,
  );
  return withTokens(base, { place: "tokens" }, {
    tokens: {
      ...tokens,
      idToken: tokens.idToken ?? login.idToken,
      refreshToken: tokens.refreshToken ?? login.refreshToken,
    },
    nowMs,
  })!;
}
