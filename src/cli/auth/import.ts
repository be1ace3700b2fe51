/**
 * `cdx2 auth import`: adds a key to the auth dir. A running proxy notices it by itself.
 * @module
 */

import { authFileList } from "../../api/auth_file_list.ts";
import type { AuthFile } from "../../api/auth_files.ts";
import { isExpired } from "../../auth/choice.ts";
import { type Imported, importKey } from "../../auth/folder.ts";
import { isSameRefreshToken, type Login } from "../../auth/folder_plan.ts";
import { codexAuthFile } from "../../config/paths.ts";
import { prepareAuthDir } from "../../runtime/first_start.ts";
import { codexLoginText } from "../codex_login.ts";
import { defineCommand } from "../command.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";
import { expiryText } from "./expiry.ts";
import { fileNameFrom } from "./file_name.ts";
import { readLogin } from "./import_source.ts";
import type { AuthImport } from "./pages.ts";

/** The command `cdx2 auth import`. */
export const authImportCommand = defineCommand({
  name: "import",
  summary: "Add a key from an auth file, from an API key, or from Codex's own login.",
  examples: [
    ["add Codex's own login", "cdx2 auth import"],
    ["add the login in a file", "cdx2 auth import work.json"],
    ["add an API key", "cdx2 auth import --api-key-stdin --name lab < key.txt"],
  ],
  syntax: (command) =>
    command
      .argument("[file]", "The auth file to copy; Codex's own login if left out.")
      .option("--api-key-stdin", "Read an API key from standard input, or ask for it on a terminal.")
      .option("--name <name>", "File name for the key, instead of its e-mail.", fileNameFrom)
      .option("--replace", "Replace an older login of the same account.")
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [file], options }) => {
    const { apiKeyStdin = false, name, replace = false, json } = options;
    const { authDir } = (await serviceDeps(world, flags)).resolved.settings;
    const login = await readLogin(world, { file, apiKeyStdin });
    await prepareAuthDir(world.files, authDir);
    const imported = await importKey(world.files, authDir, login, { file: name, replace });
    const notes = await notesAbout(login, world);

    output.info(importedLine(imported, login));
    for (const note of notes) output.note(note);
    if (json) {
      const view = importedView(imported, login, world.clock.nowMs());
      output.printJson({ ...view, auth_dir: authDir, notes } satisfies AuthImport);
    }
    return 0;
  },
});

function importedLine({ kind, file }: Imported, { record }: Login): string {
  const who = record.email === undefined ? "the key" : `the key of ${record.email}`;
  const what = kind === "add" ? `imported ${who} as ${file}` : `replaced ${who} in ${file}`;
  return `${what}; a running proxy uses it within 2 s`;
}

async function notesAbout({ text, record }: Login, world: World): Promise<readonly string[]> {
  const nowMs = world.clock.nowMs();
  const codexText = await codexLoginText(world);
  const isShared = codexText !== undefined && isSameRefreshToken(text.reveal(), codexText);
  return [
    ...(record.isDisabled ? ["its file says that it is disabled: no request gets it"] : []),
    ...(isExpired({ record }, nowMs) ? [`its token ${expiryText(record.expiresAtMs, nowMs)}`] : []),
    ...(isShared ? sharedLoginNotes(codexAuthFile(world.env, world.homeFolder)) : []),
  ];
}

// Each renewal replaces the refresh token: the old one stops working.
function sharedLoginNotes(path: string): readonly string[] {
  return [
    `Codex uses the same login (${path}): when one of the two renews it, the other one's copy stops working`,
    'to be safe, make a login for the proxy alone: "cdx2 auth login"',
  ];
}

function importedView(
  { kind, file }: Imported,
  { record }: Login,
  nowMs: number,
): Pick<AuthImport, "how"> & AuthFile {
  const [entry] = authFileList({ records: [{ ...record, file }], rejected: [] }, nowMs);
  return { how: kind === "add" ? "added" : "replaced", ...entry! };
}
