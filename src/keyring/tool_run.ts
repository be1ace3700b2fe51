/**
 * Asks the program that belongs to a keyring, and says in plain words why there is no answer.
 * @module
 */

import type { RunTool, ToolEnd } from "../system/tool.ts";
import { KeyringError } from "./items.ts";
import { latencyText } from "../values/durations.ts";

/** How the program is run. */
export interface ToolOptions {
  /** Runs it. */
  readonly runTool: RunTool;
  /** It is ended after this time. */
  readonly timeoutMs: number;
}

/** A program that ended by itself. */
export type Answer = Extract<ToolEnd, { kind: "exited" }>;

/** Runs the program `tool`. @throws {@link KeyringError} when it is missing, or does not end */
export async function runKeyringTool(
  { runTool, timeoutMs }: ToolOptions,
  [tool, ...args]: readonly [string, ...string[]],
  { stdin, missing }: { readonly stdin: string; readonly missing: string },
): Promise<Answer> {
  const end = await runTool(tool, args, { stdin, timeoutMs });
  if (end.kind === "exited") return end;
  if (end.kind === "not_found") throw new KeyringError(`there is no program ${tool}`, missing);
  throw new KeyringError(
    `${tool} did not answer within ${latencyText(timeoutMs)}`,
    "unlock the keyring: a window may be waiting for its password",
  );
}
