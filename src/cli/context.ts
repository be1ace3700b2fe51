/**
 * What each command is declared with.
 * @module
 */

import type { World } from "./world.ts";

export interface Context {
  readonly world: World;
  /** Sets the exit code; 0 when a command does not say. */
  readonly exit: (code: number) => void;
}
