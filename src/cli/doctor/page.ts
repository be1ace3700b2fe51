/**
 * The JSON of `cdx2 doctor --json`. At run time only its types are used.
 * @module
 */

import {
  boolean,
  count,
  field,
  list,
  number,
  object,
  oneOf,
  orNull,
  text,
  type ValueOf,
} from "../../api/json_types.ts";
import { ACCOUNT, EVIDENCE } from "../../api/health.ts";
import { renewalStanding } from "../../api/renewals.ts";
import { settings } from "../../api/setting.ts";

/** A key as `/health` shows it, and what `doctor` makes of it. */
export const examinedAccount = object({
  ...ACCOUNT,
  evidence: field(
    orNull(object({
      ...EVIDENCE,
      age_seconds: field(count, "seconds since the answer came"),
    })),
    "what the last strike rests on",
  ),
  state: field(
    oneOf("whitelist", "probation", "cooldown", "blacklist"),
    "its `status` by the names of `summary`",
  ),
  cause: field(orNull(text), "the code of the last strike, explained"),
  cleared_by: field(orNull(text), "what ends the penalty before its time"),
  renewal: field(orNull(renewalStanding), "who renews its token; null when that cannot be read"),
  mend: field(orNull(text), "what the user can do about the cause; null when only time helps"),
});
/** A key as `/health` shows it, and what `doctor` makes of it. */
export type ExaminedAccount = ValueOf<typeof examinedAccount>;

/** One thing that was examined besides the keys. */
export const check = object({
  name: field(
    text,
    "`proxy`, `keys`, `version`, `auth_dir`, `settings`, `tokens`, `renewal`, `bind`, `file_modes`, `upstream`, `http_proxy`, " +
      "`clock`, `shared`, `disk` or `codex`",
  ),
  status: field(oneOf("ok", "warn", "fail", "skipped"), "`skipped`: it could not be found out"),
  message: field(text, "what was found"),
  hint: field(orNull(text), "what to do about it"),
});
/** One thing that was examined besides the keys. */
export type Check = ValueOf<typeof check>;
/** What a check found; its name is where the checks are listed. */
export type Finding = Omit<Check, "name">;

/** The answer of `doctor --json`. */
export const doctor = object({
  ok: field(boolean, "whether the proxy runs and has a key for a request; the exit code is then 0"),
  running: field(boolean, "whether the proxy could be asked"),
  reason: field(orNull(text), "why it could not be asked"),
  base_url: field(orNull(text), "where it was asked"),
  pid: field(orNull(number), "its process"),
  version: field(orNull(text), "its version"),
  policy: field(settings, "the settings that rotation follows"),
  summary: field(
    object({
      whitelist: field(count, "keys that take turns"),
      probation: field(count, "keys that are on probation after they were blacklisted"),
      cooldown: field(count, "keys that wait for a limit to end"),
      blacklist: field(count, "keys that are blacklisted"),
      expired: field(count, "keys whose token has expired, whatever their state"),
      disabled: field(count, "keys that are disabled, whatever their state"),
      total: field(count, "all keys"),
    }),
    "how many keys are in which state",
  ),
  accounts: field(
    list(examinedAccount),
    "when the proxy could not be asked, those of the auth dir with the penalties that it saved",
  ),
  rejected_files: field(
    list(object({
      file: field(text, "its name"),
      reason: field(orNull(text), "what is wrong with it"),
    })),
    "files in the auth dir that give no key",
  ),
  checks: field(list(check), "what was examined besides the keys"),
});
/** The answer of `doctor --json`. */
export type Doctor = ValueOf<typeof doctor>;
