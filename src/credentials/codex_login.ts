/**
 * Codex's own login, read and never written: Codex throws its new tokens away when the file changed while it renewed them.
 * @module
 */

import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { Files } from "../system/files.ts";
import type { Processes } from "../system/process.ts";
import { codexAuthFile } from "../config/paths.ts";
import { heldLogin } from "./held_login.ts";
import type { CodexLogin } from "./renewable.ts";

/** What is needed to find Codex's login. */
export interface CodexLoginDeps {
  /** Reads the file. */
  readonly files: Files;
  /** Asks the keyring. */
  readonly processes: Pick<Processes, "outputOf">;
  /** May name CODEX_HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** What `~` stands for. */
  readonly homeFolder: string;
}

/** The login that Codex uses now; `undefined` when it has none, or none that can be read. Never rejects. */
export async function readCodexLogin(deps: CodexLoginDeps): Promise<CodexLogin | undefined> {
  const { files, env, homeFolder } = deps;
  const file = codexAuthFile(env, homeFolder);
  const text = await files.readText(file).catch(() => undefined);
  const login = heldLogin(text ?? await codexKeyringText(deps) ?? "");
  if (!login) return undefined;
  const path = text === undefined ? undefined : await files.realPath(file).catch(() => file);
  return { path, login };
}

/** What Codex keeps in the system's keyring; `undefined` when that is nothing, or the keyring cannot be asked. */
export async function codexKeyringText(deps: CodexLoginDeps): Promise<string | undefined> {
  return await onKeyringEntry(deps, "lookup", "find-generic-password", ["-w"]);
}

/** Removes what Codex keeps there; false when that failed. */
export async function removeCodexKeyringEntry(deps: CodexLoginDeps): Promise<boolean> {
  return await onKeyringEntry(deps, "clear", "delete-generic-password", []) !== undefined;
}

// Of the two programs, each system has one.
async function onKeyringEntry(
  { files, processes, env, homeFolder }: CodexLoginDeps,
  verb: "lookup" | "clear",
  macVerb: string,
  macEnd: readonly string[],
): Promise<string | undefined> {
  const home = await files.realPath(dirname(codexAuthFile(env, homeFolder))).catch(() => undefined);
  if (home === undefined) return undefined;
  // As Codex names its entry (measured with Codex CLI 0.169.0).
  const user = `cli|${createHash("sha256").update(home).digest("hex").slice(0, 16)}`;
  return await processes.outputOf("secret-tool", [verb, "service", "Codex Auth", "username", user]) ??
    await processes.outputOf("security", [macVerb, "-s", "Codex Auth", "-a", user, ...macEnd]);
}
