/**
 * What a row of the settings tables says: a setting's names, its default, its group, its meaning, and its kind.
 * @module
 */

import type { Kind } from "./setting_kinds.ts";

/** What a setting is about. */
export type SettingGroup =
  | "service"
  | "gateway"
  | "upstream"
  | "logins"
  | "limits and timeouts"
  | "rotation policy"
  | "shared pool"
  | "logs and trace";

/** A row: what a setting is called outside, and what it means. `T` is what the program works with. */
export interface Setting<T> extends Kind<T> {
  /** Its name in JSON outputs and messages. */
  readonly name: string;
  /** `undefined` for a setting that only the environment and `.env` can set. */
  readonly flag: string | undefined;
  /** The variable in the environment and in `.env`. */
  readonly environment: string;
  /** As the user would write it; empty: none. */
  readonly default: string;
  /** Which settings it belongs with. */
  readonly group: SettingGroup;
  /** One or two sentences for the help and the documentation. */
  readonly doc: string;
}
