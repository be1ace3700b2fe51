/**
 * Which program is the user's Codex.
 * @module
 */

import type { Environment } from "../system/process.ts";

/** Codex's program. */
export interface CodexProgram {
  /** Its path, or its name on PATH. */
  readonly command: string;
  /** Whether CDX2_CODEX_BIN names it. */
  readonly isNamed: boolean;
}

/** The program that `CDX2_CODEX_BIN` names, else the `codex` on PATH. */
export function codexProgram(env: Environment): CodexProgram {
  const named = env["CDX2_CODEX_BIN"];
  return { command: named || "codex", isNamed: Boolean(named) };
}

/** Whether a program that the user names is Codex, which alone does not read its address from the environment. */
export function isCodex(program: string): boolean {
  return /(?:^|[\\/])codex(?:\.exe|\.cmd)?$/.test(program);
}
