/**
 * Writes a new login into the auth dir: whole, durable, and with mode 0600. Signals that would end the program wait
 * meanwhile, so that Ctrl-C leaves either the file or nothing.
 * @module
 */

import { listKeys } from "../auth/folder.ts";
import { asOnlyWriter, type WritableAuthDir, writeLogin } from "../auth/auth_file_change.ts";
import { type AuthRecord, parseAuthFile, type RejectedFile } from "../auth/record.ts";
import { onEndingSignal, type Processes } from "../system/process.ts";
import { Secret } from "../values/secret.ts";
import { UserError } from "../values/user_error.ts";
import { type LoginPlan, type LoginRefusal, type LoginWish, planLogin } from "./login_plan.ts";

/** What was done with a login. */
export type StoredLogin = Exclude<LoginPlan, LoginRefusal>;

/**
 * Writes the text of a new login as the wish and the folder decide.
 * @throws {@link UserError} when it must not be written, as {@link planLogin} decides, or another writer does not end
 * @throws {FileError} when the folder cannot be read, or the file cannot be written
 */
export async function storeLogin(
  place: WritableAuthDir,
  text: Secret,
  wish: LoginWish,
): Promise<StoredLogin> {
  const parsed = parseAuthFile("", text.reveal());
  if (parsed.kind === "rejected") {
    throw loginRefused({
      reason: `the answer of the issuer is of no use: ${parsed.reason}`,
      hint: "log in again",
    });
  }
  return await asOnlyWriter(place, () => storeAsOnlyWriter(place, parsed.record, { text, wish }));
}

async function storeAsOnlyWriter(
  place: WritableAuthDir,
  record: AuthRecord,
  { text, wish }: { readonly text: Secret; readonly wish: LoginWish },
): Promise<StoredLogin> {
  // The next listing need not show it: some file systems take "Ann" and "ann" for one name.
  const taken: RejectedFile[] = [];
  for (;;) {
    const { records, rejected } = await listKeys(place.files, place.authDir);
    const plan = planLogin(record, wish, { records, rejected: [...rejected, ...taken] });
    if (plan.kind === "refuse") throw loginRefused(plan);
    if (await writeLogin(place, plan, text)) return plan;
    taken.push({ file: plan.file, reason: "there is a file of this name already" });
  }
}

/** The error for a refusal. */
export function loginRefused({ reason, hint }: Omit<LoginRefusal, "kind">): UserError {
  return new UserError(`Cannot log in: ${reason}`, { hint });
}

/** Runs `act`; signals that would end the program have no effect meanwhile. For what takes milliseconds. */
export async function uninterrupted<T>(
  processes: Pick<Processes, "onSignal">,
  act: () => Promise<T>,
): Promise<T> {
  const forget = onEndingSignal(processes, () => {});
  try {
    return await act();
  } finally {
    forget();
  }
}
