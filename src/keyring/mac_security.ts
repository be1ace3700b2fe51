/**
 * The keychain of macOS, by `security`. That program takes a secret only as an argument, which other programs can read,
 * or in a command on its standard input (`-i`), which is what is done here. From its source: a line of such commands has
 * at most 4096 bytes, it ends with code 0 whatever became of them, and 44 is the exit code for an item that is not there.
 * Written by the manual: it has not been tried on a Mac.
 * @module
 */

import { KeyringError, type KeyringItems, lastWords, SERVICE } from "./items.ts";
import { type Answer, runKeyringTool, type ToolOptions } from "./tool_run.ts";

const TOOL = "security";
const MISSING = "it is part of macOS: put /usr/bin into PATH";
const MAX_CHARS = 3000;
const NOT_THERE = 44;

/** The items in the default keychain of this user. */
export function macSecurityItems(options: ToolOptions): KeyringItems {
  const run = (args: readonly string[], stdin = "") =>
    runKeyringTool(options, [TOOL, ...args], { stdin, missing: MISSING });
  const read: KeyringItems["read"] = async (name) => {
    const answer = await run(["find-generic-password", "-s", SERVICE, "-a", name, "-w"]);
    if (answer.code === 0) return answer.stdout.trim();
    if (answer.code === NOT_THERE) return undefined;
    throw refusal(answer);
  };
  return {
    maxChars: MAX_CHARS,
    read,
    async write(name, text) {
      // Names and texts are of characters that need no quotes.
      const answer = await run(["-i"], `add-generic-password -U -s ${SERVICE} -a ${name} -w ${text}\n`);
      if (await read(name) !== text) throw refusal(answer);
    },
    async remove(name) {
      const answer = await run(["delete-generic-password", "-s", SERVICE, "-a", name]);
      if (answer.code !== 0 && answer.code !== NOT_THERE) throw refusal(answer);
    },
  };
}

function refusal({ code, stderr }: Answer): KeyringError {
  const words = lastWords(stderr).replace(/^security: (?:\w+: )?/, "");
  // errSecInteractionNotAllowed, errSecAuthFailed
  if (/interaction is not allowed|25308|25293|locked/i.test(words)) {
    return new KeyringError("the keychain is locked", 'unlock it with "security unlock-keychain"');
  }
  return new KeyringError(`security failed: ${words || `exit code ${code}`}`);
}
