/**
 * `cdx2 auth migrate`: moves the tokens of keys into the keyring of the system, or back into their files. It may be
 * interrupted anywhere: a key whose move was interrupted works, and the same command ends the move.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { keyIn, listKeys } from "../../auth/folder.ts";
import { type MoveOutcome, moveTokens, namedEntries, type TokenPlace } from "../../keyring/move_tokens.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { localSettings } from "../settings.ts";
import { refuseUnusableKeyring } from "./keyring_check.ts";
import type { AuthMigrate } from "./pages.ts";

const PLACES: readonly TokenPlace[] = ["keyring", "file"];

/** The command `cdx2 auth migrate`. */
export const authMigrateCommand = defineCommand({
  name: "migrate",
  summary: "Move the tokens of all keys, or of one, into the keyring of the system, or back.",
  details:
    "The files stay, with everything but the tokens. Requests go on meanwhile. If the command is interrupted, no key is " +
    "lost: run it again.",
  examples: [
    ["move all tokens into the keyring", "cdx2 auth migrate --to keyring"],
    ["move them back into the files", "cdx2 auth migrate --to file"],
    ["move those of one key", "cdx2 auth migrate --to keyring work"],
  ],
  syntax: (command) =>
    command
      .argument("[key-name]", KEY_NAME_HELP)
      .addOption(
        new Option("--to <place>", "Where the tokens are to be.").choices(PLACES).makeOptionMandatory(),
      )
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [name], options: { to: wanted, json } }) => {
    const to = wanted as TokenPlace;
    const { settings: { authDir, keyring: isOn } } = await localSettings(world, flags);
    const { files, clock, keyring } = world;
    if (to === "keyring") await refuseUnusableKeyring(keyring, "Cannot move tokens into the keyring");
    const listing = await listKeys(files, authDir);
    const named = name === undefined ? undefined : keyIn(listing, name, "Cannot move the tokens").file;
    const all = [...listing.records, ...listing.rejected].map(({ file }) => file).sort();
    const entries = await namedEntries({ files, authDir });
    const moves: Moved[] = [];
    for (const file of named === undefined ? all : [named]) {
      const outcome = await moveTokens({ files, clock, authDir }, { file, to, entries });
      // Of all the files, those that hold no tokens are not worth a line.
      if (outcome.kind === "not_a_key" && named === undefined) continue;
      moves.push({ file, outcome });
      output.info(lineOf(file, outcome, to));
    }
    if (moves.length === 0) output.info(`there are no keys in ${authDir}`);
    for (const note of notesFor(to, isOn, moves.some(({ outcome }) => outcome.kind === "moved"))) {
      output.note(note);
    }
    if (json) output.printJson(pageOf(moves, { to, authDir }));
    const [reason] = moves.flatMap(({ outcome }) => "reason" in outcome ? [outcome.reason] : []);
    if (reason === undefined) return 0;
    if (named !== undefined) throw new UserError(`Cannot move the tokens of ${named}: ${reason}`);
    return 1;
  },
});

interface Moved {
  readonly file: string;
  readonly outcome: MoveOutcome;
}

function lineOf(file: string, outcome: MoveOutcome, to: TokenPlace): string {
  const place = to === "keyring" ? "in the keyring" : "in its file";
  switch (outcome.kind) {
    case "moved":
      return `${file}: its tokens are now ${place}`;
    case "there":
      return `${file}: its tokens are ${place} already`;
    case "not_a_key":
    case "failed":
      return `${file}: its tokens stay where they are: ${outcome.reason}`;
  }
}

function notesFor(to: TokenPlace, isOn: boolean, hasMoved: boolean): readonly string[] {
  if (!hasMoved) return [];
  if (to === "keyring" && !isOn) {
    return ["the tokens of new keys go into files: set CLIPROXY_KEYRING=on for the keyring"];
  }
  return to === "file" && isOn
    ? ["the tokens of new keys go into the keyring: set CLIPROXY_KEYRING=off for files"]
    : [];
}

function pageOf(
  moves: readonly Moved[],
  { to, authDir }: { readonly to: TokenPlace; readonly authDir: string },
): AuthMigrate {
  const keys = moves.map(({ file, outcome }) => ({
    file,
    outcome: outcome.kind === "not_a_key" ? "failed" as const : outcome.kind,
    reason: "reason" in outcome ? outcome.reason : null,
  }));
  return { to, keys, auth_dir: authDir };
}
