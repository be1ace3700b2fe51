/**
 * The login that Codex itself keeps.
 * @module
 */

import { codexAuthFile } from "../config/paths.ts";
import type { World } from "./world.ts";

/** The text of Codex's login file; `undefined` when it has none or it cannot be read. */
export async function codexLoginText(
  { files, env, homeFolder }: Pick<World, "files" | "env" | "homeFolder">,
): Promise<string | undefined> {
  return await files.readText(codexAuthFile(env, homeFolder)).catch(() => undefined);
}
