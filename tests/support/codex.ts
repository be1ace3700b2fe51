// The real Codex CLI, as npm has it, in a home of its own.

import { codexLogin } from "./login.ts";
import { npmPackage } from "./npm_package.ts";
import type { Home } from "./program.ts";

/** Where it is installed; `undefined` when npm cannot be reached. */
const CODEX = await npmPackage("@openai/codex@0.169.0");

/** Registers a test that needs it; without it the test is passed over, and its name says why. */
export function testWithCodex(name: string, test: (t: Deno.TestContext) => Promise<void>): void {
  Deno.test({ name: CODEX ? name : `${name} (npm cannot be reached)`, ignore: !CODEX, fn: test });
}

/** A folder for Codex with this login in it, and where the program is. */
export async function codexEnv(home: Home, login?: object): Promise<Record<string, string>> {
  const codexHome = `${home.folder}/codex`;
  await Deno.mkdir(codexHome);
  if (login) await Deno.writeTextFile(`${codexHome}/auth.json`, JSON.stringify(login), { mode: 0o600 });
  return { CODEX_HOME: codexHome, CDX2_CODEX_BIN: `${CODEX}/node_modules/.bin/codex` };
}

/** With these, Codex talks to nobody but its upstream. */
export const QUIET: readonly string[] = [
  ...["-c", "analytics.enabled=false"],
  ...["-c", 'otel.metrics_exporter="none"'],
  ...["-c", "check_for_update_on_startup=false"],
  ...["--disable", "plugins", "--disable", "apps"],
];

/** `auth.json` of a user with the account `acct-mine`. */
export function chatGptLogin(): object {
  const expiresAtMs = Date.now() + 24 * 3_600_000;
  return JSON.parse(codexLogin({ accountId: "acct-mine", expiresAtMs, refreshToken: "rt_x" }));
}
