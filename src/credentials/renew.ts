/**
 * Renews one key: takes the lock on its refresh token, looks again, notes that the token is about to be sent, sends it
 * once, writes the new tokens, and removes the note. Whatever ends the program in between, the token is not sent again
 * while the access token works.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import { FileError } from "../system/files.ts";
import { loginId } from "./login_id.ts";
import { type RenewalFacts, type RenewalKey, renewerOf } from "./renewable.ts";
import { backOffMs, type RenewalAnswer } from "./renewal_answer.ts";
import { readHeldLogin, readRenewalFacts } from "./renewal_facts.ts";
import { keepTokens, placeOf, type RenewDeps, type Sent } from "./renewal_keep.ts";
import { newMark, type RenewalMark } from "./renewal_mark.ts";
import { isAside } from "./renewal_marks.ts";
import { planRenewal, type RenewalCause, type RenewalOutcome, type RenewalPlan } from "./renewal_plan.ts";
import { sendRefreshToken } from "./renewal_request.ts";
import { type NewTokens, storeTokens } from "./renewal_store.ts";

/**
 * Renews the key in `file`, or finds out why that is not to be done.
 * @throws {FileError} when the auth dir cannot be read, or the folder with the notes cannot be used; nothing was sent
 */
export async function renewKey(
  deps: RenewDeps,
  file: string,
  cause: RenewalCause,
): Promise<RenewalOutcome> {
  const seen = await look(deps, file, cause, false);
  if (seen.plan.kind === "end" || !seen.key) return endOf(seen.plan);
  const { login, path } = seen.key;
  const lock = await (login?.refreshToken ? deps.marks.lock(login.refreshToken) : deps.marks.lockFor(path));
  // Where a shared pool decides who renews it, that must not change meanwhile.
  const id = seen.key.home.kind === "free" ? undefined : loginId(seen.key.record);
  const homeLock = id === undefined ? undefined : await deps.marks.homes.lock(id);
  try {
    const { key, plan } = await look(deps, file, cause, true);
    if (plan.kind === "end" || !key) return endOf(plan);
    if (!isSameToken(key, seen.key)) {
      return { kind: "adopted", from: "file", endsAtMs: key.login?.expiresAtMs };
    }
    return plan.kind === "adopt" ? await adopt(deps, key, plan) : await exchange(deps, key, plan);
  } finally {
    homeLock?.release();
    lock.release();
  }
}

interface Seen {
  readonly key: RenewalKey | undefined;
  readonly plan: RenewalPlan;
}

async function look(deps: RenewDeps, file: string, cause: RenewalCause, isLocked: boolean): Promise<Seen> {
  const facts = await readRenewalFacts(deps);
  const key = facts.keys.find(({ record }) => record.file === file);
  if (!key) {
    const outcome = { kind: "not_ours", reason: "there is no such key", needsLogin: false } as const;
    return { key, plan: { kind: "end", outcome } };
  }
  await rememberCodex(deps, key, facts);
  return { key, plan: planRenewal(key, cause, facts, { nowMs: deps.clock.nowMs(), isLocked }) };
}

/** Codex may log out or move its login elsewhere; the copy here stays one that must not be renewed. */
export async function rememberCodex(
  { marks, clock }: Pick<RenewDeps, "marks" | "clock">,
  key: RenewalKey,
  facts: RenewalFacts,
): Promise<void> {
  const token = key.login?.refreshToken;
  if (!token || key.mark?.state === "codex" || renewerOf(key, facts).by !== "codex") return;
  await marks.write(token, { ...newMark(key.path, clock.nowMs()), state: "codex" });
}

function endOf(plan: RenewalPlan): RenewalOutcome {
  if (plan.kind === "end") return plan.outcome;
  return { kind: "not_ours", reason: "its file has just gone", needsLogin: false };
}

function isSameToken(a: RenewalKey, b: RenewalKey): boolean {
  const [one, other] = [a.login?.refreshToken, b.login?.refreshToken];
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

async function adopt(
  deps: RenewDeps,
  { path, login: before, mark }: RenewalKey,
  { from, login }: Extract<RenewalPlan, { kind: "adopt" }>,
): Promise<RenewalOutcome> {
  const { files, clock } = deps;
  // Codex's refresh token stays Codex's.
  const tokens: NewTokens = { ...login, refreshToken: from === "codex" ? undefined : login.refreshToken };
  const isWritten = await storeTokens(placeOf(deps), path, { before: before!, tokens, nowMs: clock.nowMs() });
  // Tokens that were kept aside are where they belong now.
  if (isWritten && from === "copy" && mark && isAside(mark.path)) await files.remove(mark.path);
  return { kind: "adopted", from: isWritten ? from : "file", endsAtMs: login.expiresAtMs };
}

type Sending = Extract<RenewalPlan, { kind: "send" }>;

async function exchange(deps: RenewDeps, key: RenewalKey, plan: Sending): Promise<RenewalOutcome> {
  const { marks, clock, send, settings: { issuer } } = deps;
  const { login, isLastTry } = plan;
  const mark = key.mark ?? newMark(key.path, clock.nowMs());
  await checkWritable(deps, key.path);
  const way = await marks.lockIssuer(issuer);
  try {
    const sent: RenewalMark = {
      ...mark,
      path: key.path,
      state: isLastTry ? "lost" : "sent",
      reason: undefined,
      atMs: clock.nowMs(),
    };
    await marks.write(login.refreshToken, sent);
    const clientId = login.clientId ?? deps.clientId;
    const answer = await sendRefreshToken({ send, clock, issuer }, { ...login, clientId });
    return answer.kind === "renewed"
      ? await keepTokens(deps, { key, login, mark }, answer.tokens)
      : await note(deps, { key, login, mark, isLastTry }, answer);
  } finally {
    way.release();
  }
}

/** Finds out before the token is used up whether the new one can be written. @throws {FileError} when it cannot */
async function checkWritable({ files }: RenewDeps, path: string): Promise<void> {
  const trial = `${path}.trial.tmp`;
  await files.writeAtomic(trial, "\n".repeat(16_384));
  await files.remove(trial);
}

/** Notes what an answer without new tokens means. */
async function note(
  deps: RenewDeps,
  { key, login, mark, isLastTry }: Sent & { readonly isLastTry: boolean },
  answer: Exclude<RenewalAnswer, { kind: "renewed" }>,
): Promise<RenewalOutcome> {
  const { marks, clock, files, randomShare } = deps;
  const base: RenewalMark = { ...mark, path: key.path, atMs: clock.nowMs() };
  const write = (change: Partial<RenewalMark>) =>
    writeNote(marks, login.refreshToken, { ...base, ...change });
  switch (answer.kind) {
    case "dead": {
      const held = await readHeldLogin(files, key.path);
      if (held?.refreshToken && !held.refreshToken.equals(login.refreshToken)) {
        return { kind: "adopted", from: "file", endsAtMs: held.expiresAtMs };
      }
      await write({ state: "dead", reason: answer.code });
      return answer;
    }
    case "failed": {
      const failures = mark.failures + 1;
      const waitMs = Math.max(backOffMs(failures, randomShare()), answer.retryAfterMs ?? 0);
      const { reason } = answer;
      const retryAtMs = base.atMs + waitMs;
      await write({ state: isLastTry ? "unknown" : "failed", reason, failures, notBeforeMs: retryAtMs });
      return { kind: "failed", reason, retryAtMs };
    }
    case "unknown":
      await write({ state: isLastTry ? "lost" : "unknown", reason: answer.reason });
      return answer;
  }
}

// If it fails, the note that the token was sent stays: that is the careful one.
async function writeNote(marks: RenewDeps["marks"], token: Secret, mark: RenewalMark): Promise<void> {
  try {
    await marks.write(token, mark);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
  }
}
