/**
 * `cdx2 auth import`: adds keys to the auth dir. A running proxy notices them by itself.
 * @module
 */

import { fileNameFrom } from "./file_name.ts";
import { authFileList } from "../../api/auth_file_list.ts";
import { prepareAuthDir } from "../../runtime/first_start.ts";
import { defineCommand } from "../command.ts";
import { localSettings } from "../settings.ts";
import { UserError } from "../../values/user_error.ts";
import { refuseUnusableKeyring } from "./keyring_check.ts";
import type { ImportOutcome } from "./import_logins.ts";
import type { ImportedKey, Importing } from "./import_one.ts";
import type { AuthImport } from "./pages.ts";

const OPENAI_API = "https://api.openai.com/v1";

/** The command `cdx2 auth import`. */
export const authImportCommand = defineCommand({
  name: "import",
  summary: "Add keys: Codex's own login, logins of other tools, tokens, or an API key.",
  details:
    "Codex's own login is borrowed: its refresh token stays with Codex, which goes on renewing it. With --move the proxy " +
    "takes it over, and Codex no longer has it. Files of other tools may hold several logins. With --upstream, requests " +
    "with the new key go there, whatever the upstream of the pool.",
  examples: [
    ["borrow Codex's own login", "cdx2 auth import"],
    ["add the logins in a file", "cdx2 auth import accounts.json"],
    ["add tokens, one on each line", "cdx2 auth import - < tokens.txt"],
    ["add an API key", `cdx2 auth import --api-key-stdin --name lab --upstream ${OPENAI_API} < key.txt`],
  ],
  syntax: (command) =>
    command
      .argument("[file]", "The file to read, - for standard input; Codex's own login if left out.")
      .option("--move", "Take the login over: remove it where it was, without ending it.")
      .option("--borrow", "Leave the refresh token to the program that has it now.")
      .option("--api-key-stdin", "Read an API key from standard input, or ask for it on a terminal.")
      .option("--name <name>", "File name for the key, instead of its e-mail.", fileNameFrom)
      .option("--replace", "Replace an older login of the same account.")
      .option(
        "--renew-now",
        "Renew a login of which there is only the refresh token, which ends it elsewhere.",
      )
      .option("--no-check", "Do not ask the upstream whether the key works.")
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [file], options }) => {
    const { apiKeyStdin = false, move = false, borrow = false, name, replace = false, json } = options;
    if (move && borrow) {
      const hint = "--move takes the refresh token over, --borrow leaves it where it is";
      throw new UserError("Cannot move a login and borrow it at once", { hint, exitCode: 2 });
    }
    const { settings } = await localSettings(world, flags);
    if (settings.keyring) await refuseUnusableKeyring(world.keyring, "Cannot import keys into the keyring");
    const { readSource } = await import("./import_source.ts");
    const { importLogins } = await import("./import_logins.ts");
    const source = await readSource(world, { file, apiKeyStdin, authDir: settings.authDir });
    const importing: Importing = {
      settings,
      isMove: move,
      isBorrow: borrow,
      name,
      replace,
      upstream: flags.upstream === undefined ? undefined : settings.upstream,
      renewsNow: options.renewNow ?? false,
      mayAsk: options.check,
      prepare: () => prepareAuthDir(world.files, settings.authDir),
    };
    const outcome = await importLogins(world, source, importing);

    for (const key of outcome.keys) output.info(importedLine(key));
    for (const { label, reason } of outcome.skipped) output.info(`skipped ${label}: ${reason}`);
    for (const note of outcome.notes) output.note(note);
    if (json) output.printJson(importView(outcome, settings.authDir, world.clock.nowMs()));
    return outcome.skipped.some(({ isForeign }) => !isForeign) ? 1 : 0;
  },
});

function importedLine({ how, record }: ImportedKey): string {
  const { file, email } = record;
  const who = email === undefined ? "the key" : `the key of ${email}`;
  if (how === "already_there") return `${file} already holds ${who}: there is nothing to do`;
  const what = how === "added" ? `imported ${who} as ${file}` : `replaced ${who} in ${file}`;
  return `${what}; a running proxy uses it within 2s`;
}

function importView({ keys, skipped, notes }: ImportOutcome, authDir: string, nowMs: number): AuthImport {
  const entries = keys.map(({ how, record }) => {
    const [entry] = authFileList({ records: [record], rejected: [] }, nowMs);
    return { how, ...entry! };
  });
  const others = skipped.map(({ label, reason }) => ({ name: label, reason }));
  return { ...entries[0]!, auth_dir: authDir, notes: [...notes], keys: entries, skipped: others };
}
