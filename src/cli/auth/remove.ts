/**
 * `cdx2 auth remove`: takes a key out of the auth dir, where a running proxy misses it by itself.
 * @module
 */

import type { Command } from "@commander-js/extra-typings";
import { findKey, type Removal, removeKey } from "../../auth/folder.ts";
import { UserError } from "../../values/user_error.ts";
import type { Context } from "../context.ts";
import { addExamples } from "../help.ts";
import { addServiceOptions, flagsOf, outputOf } from "../options.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";

export function declareAuthRemove(command: Command, { world, exit }: Context): void {
  addExamples(
    command,
    ["remove a key, after a question", "cdx2 auth remove work.json"],
    ["the same by its e-mail, in a script", "cdx2 auth remove ann@example.com --yes"],
  );
  addServiceOptions(command.description("Remove a key: its auth file is deleted."))
    .argument("<key-name>", "The key's file, or its e-mail when only one key has it.")
    .option("-y, --yes", "Do not ask.")
    .option("--json", "Answer with JSON.")
    .action(async (name, { yes = false, json }, command) => {
      const output = outputOf(command, world);
      const { authDir } = (await serviceDeps(world, flagsOf(command))).resolved.settings;
      const removal = await findKey(world.files, authDir, name);
      const removed = yes || await isConfirmed(removal, world);
      if (removed) await removeKey(world.files, authDir, removal);

      output.say(
        removed ? `removed ${removal.file}; a running proxy drops it within 2 s` : `kept ${removal.file}`,
      );
      if (json) {
        output.answerJson({ removed, file: removal.file, email: removal.email ?? null, auth_dir: authDir });
      }
      exit(removed ? 0 : 1);
    });
}

async function isConfirmed({ file, email }: Removal, { terminal }: World): Promise<boolean> {
  if (!terminal.inIsTerminal) {
    throw new UserError(`Cannot ask whether to remove ${file}: standard input is no terminal`, {
      hint: "add --yes",
      exitCode: 2,
    });
  }
  const who = email === undefined ? file : `${file} (${email})`;
  return /^y(es)?$/i.test((await terminal.ask(`Delete ${who}? [y/N] `)).trim());
}
