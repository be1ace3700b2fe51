/**
 * How full windows were within the last week, from the usage history.
 * @module
 */

import type { WindowEntry } from "../../observability/usage/entries.ts";
import { readHistory } from "../../observability/usage/history.ts";
import { LOOK_BACK_MS } from "../../observability/usage/window_forecast.ts";
import { usagePlace } from "../../runtime/usage_page.ts";
import type { World } from "../world.ts";

/** The readings of the last week; none when there is no history, or it cannot be read. */
export async function lastReadings(
  { files, openDatabase, clock }: World,
  authDir: string,
): Promise<readonly WindowEntry[]> {
  const place = { ...usagePlace(files, authDir), openDatabase };
  const toMs = clock.nowMs();
  const reading = readHistory(place, { fromMs: toMs - LOOK_BACK_MS, toMs }, ({ windows }) => [...windows]);
  return await reading.catch(() => undefined) ?? [];
}
