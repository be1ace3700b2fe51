/**
 * What this program runs on, and how it is started again.
 * @module
 */

import { selfCommand } from "./process.ts";

/** The kind of operating system. */
export type System = "linux" | "darwin" | "windows" | "other";

/** The machine under this program. */
export interface Platform {
  readonly system: System;
  /** The command line that starts this program, to which its arguments are added. Its first word is an absolute path. */
  readonly self: readonly [string, ...string[]];
  /** The number of the user; `undefined` on a system that does not number them. */
  readonly userId: number | undefined;
}

/** The real one. */
export function systemPlatform(): Platform {
  const { command, leading } = selfCommand();
  return {
    system: KNOWN[Deno.build.os] ?? "other",
    self: [command, ...leading],
    userId: Deno.uid() ?? undefined,
  };
}

const KNOWN: Readonly<Partial<Record<typeof Deno.build.os, System>>> = {
  linux: "linux",
  darwin: "darwin",
  windows: "windows",
};

/** What this machine is called, as far as that is a name: letters, digits and any of `_ . -`. */
export function machineName(): string {
  return Deno.hostname().replace(/[^\w.-]+/g, "-").slice(0, 64) || "member";
}
