/**
 * The keyring of Linux (Secret Service: GNOME Keyring, KWallet, KeePassXC), by `secret-tool` of libsecret. Secrets go to
 * it through its standard input and come back through its standard output. Measured with secret-tool 0.20.5: it keeps
 * 8192 bytes of a text and drops the rest, with exit code 0; of a locked keyring it says the same as of an item that is
 * not there, until it is asked to search for it.
 * @module
 */

import { KeyringError, type KeyringItems, lastWords, SERVICE } from "./items.ts";
import { type Answer, runKeyringTool, type ToolOptions } from "./tool_run.ts";

const TOOL = "secret-tool";
const MISSING = "install it (Debian and Ubuntu: libsecret-tools; Fedora: libsecret)";
const MAX_CHARS = 8000;

/** The items in the Secret Service of this session. */
export function secretToolItems(options: ToolOptions): KeyringItems {
  const run = (verb: readonly string[], name: string, stdin = "") =>
    runKeyringTool(options, [TOOL, ...verb, "service", SERVICE, "key", name], { stdin, missing: MISSING });
  const isThere = async (name: string) => {
    const { stdout, stderr } = await run(["search"], name);
    return /^(?:\[|label =|attribute\.)/m.test(`${stdout}\n${stderr}`);
  };
  const read: KeyringItems["read"] = async (name) => {
    const answer = await run(["lookup"], name);
    if (answer.code === 0) return answer.stdout.trim();
    if (answer.stderr.trim() !== "") throw refusal(answer);
    if (await isThere(name)) throw locked();
    return undefined;
  };
  return {
    maxChars: MAX_CHARS,
    read,
    async write(name, text) {
      const answer = await run(["store", "--label", `cdx2 key ${name}`], name, text);
      if (answer.code !== 0) throw refusal(answer);
      if (await read(name) !== text) throw new KeyringError("the keyring did not keep what was stored in it");
    },
    async remove(name) {
      const answer = await run(["clear"], name);
      if (answer.code !== 0 && answer.stderr.trim() !== "") throw refusal(answer);
      if (await isThere(name)) throw locked();
    },
  };
}

function refusal({ code, stderr }: Answer): KeyringError {
  const words = lastWords(stderr).replace(/^secret-tool: /, "");
  if (/locked/i.test(words)) return locked();
  if (/org\.freedesktop\.secrets|address|dbus|D-Bus|autolaunch|connect/i.test(words)) {
    return new KeyringError(
      `there is no keyring in this session (${words})`,
      "start one, such as gnome-keyring or KWallet, or keep tokens in files",
    );
  }
  return new KeyringError(`secret-tool failed: ${words || `exit code ${code}`}`);
}

function locked(): KeyringError {
  return new KeyringError("the keyring is locked", "unlock it and try again");
}
