// Machines with keys that `cdx2 all` asks, and what the upstream answers about their usage.

import { FIVE_HOURS_S, WEEK_S } from "../../src/auth/usage.ts";
import { CliWorld } from "./cli_world.ts";
import { answer, FakeSend, type Reply } from "./fake_send.ts";
import { AUTH_DIR } from "./service_world.ts";

const RESET_S = 1_800_000_600;

/** An answer with these percentages of the two windows used. */
export function usage(fiveHour: number, weekly: number): Reply {
  const window = (used_percent: number, limit_window_seconds: number) => ({
    used_percent,
    limit_window_seconds,
    reset_at: RESET_S,
  });
  return answer(200, {
    plan_type: "plus",
    rate_limit: {
      allowed: fiveHour < 100 && weekly < 100,
      primary_window: window(fiveHour, FIVE_HOURS_S),
      secondary_window: window(weekly, WEEK_S),
    },
  });
}

/** A machine with a key for each reply, named `a.json`, `b.json`, … */
export function machine(...replies: Reply[]): CliWorld {
  const world = new CliWorld();
  world.machine.files.remove(`${AUTH_DIR}/work.json`);
  replies.forEach((_, index) => {
    const name = "abcdef"[index];
    world.machine.files.put(
      `${AUTH_DIR}/${name}.json`,
      JSON.stringify({ token: `t-${name}`, email: `${name}@x.org` }),
    );
  });
  world.upstream = new FakeSend(...replies);
  return world;
}
