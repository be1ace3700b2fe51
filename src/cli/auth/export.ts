/**
 * `cdx2 auth export --access-only`: a key for a machine that must never renew it, such as a job of a CI system. Two machines
 * that renew one login end it for each other, so nothing else is exported.
 * @module
 */

import { keyIn, listKeys } from "../../auth/folder.ts";
import type { AuthRecord } from "../../auth/record.ts";
import { accessOnlyFile } from "../../credentials/access_export.ts";
import { momentAndDistance } from "../../values/durations.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { localSettings } from "../settings.ts";

/** The command `cdx2 auth export`. */
export const authExportCommand = defineCommand({
  name: "export",
  summary: "Write a key for a machine that must never renew it.",
  details:
    "Prints an auth file with the access token and without the refresh token, for the secret store of a CI system. " +
    "It is good until the token ends. Only a pipe or a file gets it, never a terminal.",
  examples: [
    ["put a key into a secret of GitHub", "cdx2 auth export work --access-only | gh secret set CODEX_LOGIN"],
    ["add it to another machine", 'cdx2 auth export work --access-only | ssh build "cdx2 auth import -"'],
  ],
  syntax: (command) =>
    command
      .argument("<key-name>", KEY_NAME_HELP)
      .option("--access-only", "Without the refresh token; has to be said."),
  run: async ({ world, output, flags, args: [name], options: { accessOnly = false } }) => {
    const { files, clock, terminal } = world;
    const { settings: { authDir } } = await localSettings(world, flags);
    const listing = await listKeys(files, authDir);
    const { file } = keyIn(listing, name, "Cannot export the key");
    if (!accessOnly) throw refreshTokenError(file);
    const record = listing.records.find((known) => known.file === file);
    const cannot = `Cannot export ${file}`;
    if (record === undefined) {
      const reason = listing.rejected.find((known) => known.file === file)?.reason;
      throw new UserError(`${cannot}: ${reason ?? "it cannot be used"}`);
    }
    refuseExpired(record, clock.nowMs(), cannot);
    if (terminal.outIsTerminal) {
      throw new UserError(`${cannot}: a terminal would show its token`, {
        hint: "send it to a program with a pipe, or write it into a file",
        exitCode: 2,
      });
    }
    output.printJson(accessOnlyFile(record));
    output.info(endOf(record, clock.nowMs()));
    return 0;
  },
});

function refreshTokenError(file: string): UserError {
  return new UserError(`Cannot export ${file} with its refresh token`, {
    hint: "two machines that renew one login end it for each other; add --access-only",
    exitCode: 2,
  });
}

function refuseExpired({ file, expiresAtMs }: AuthRecord, nowMs: number, cannot: string): void {
  if (expiresAtMs === undefined || expiresAtMs > nowMs) return;
  throw new UserError(`${cannot}: its token ended ${momentAndDistance(expiresAtMs, nowMs)}`, {
    hint: `renew it with "cdx2 auth refresh ${file}"`,
  });
}

function endOf({ file, expiresAtMs }: AuthRecord, nowMs: number): string {
  return expiresAtMs === undefined
    ? `${file} without its refresh token; its token does not say when it ends`
    : `${file} without its refresh token; good until ${momentAndDistance(expiresAtMs, nowMs)}`;
}
