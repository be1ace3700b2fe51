/**
 * What a check of `doctor` found, as every check writes it.
 * @module
 */

import { firstFew } from "../../values/first_few.ts";
import type { Finding } from "./page.ts";

const MAX_LISTED = 3;

/** All is well. */
export function ok(message: string): Finding {
  return { status: "ok", message, hint: null };
}

/** It cannot be checked now. */
export function skipped(message: string): Finding {
  return { status: "skipped", message, hint: null };
}

/** Something the user should know, while requests are answered; `hint` says what to do about it. */
export function warn(message: string, hint: string): Finding {
  return { status: "warn", message, hint };
}

/** Something that keeps requests from being answered. */
export function fail(message: string, hint: string | null): Finding {
  return { status: "fail", message, hint };
}

/** The first few names, and how many more there are. */
export function listed(names: readonly string[]): string {
  return firstFew(names, MAX_LISTED);
}
