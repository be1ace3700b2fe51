/**
 * What it takes to have the proxy started at each login, on each system. Pure: the texts and the command lines are returned,
 * and nothing is run.
 * @module
 */

import { launchAgent } from "./launchd.ts";
import { systemdUnit } from "./systemd.ts";
import { scheduledTask } from "./task_scheduler.ts";
import type { Autostart, Wish } from "./wish.ts";

/** `undefined` on a system whose manager is not known. */
export function autostartFor(wish: Wish): Autostart | undefined {
  switch (wish.platform.system) {
    case "linux":
      return systemdUnit(wish);
    case "darwin":
      return launchAgent(wish);
    case "windows":
      return scheduledTask(wish);
    case "other":
      return undefined;
  }
}
