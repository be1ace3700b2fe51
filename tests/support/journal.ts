// A journal over files in memory.

import { Journal, type JournalOptions } from "../../src/runtime/journal.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "./fake_clock.ts";
import { MemoryFiles } from "./memory_files.ts";

export const MANAGEMENT_KEY = "management-key-1";

export function aJournal(over: Partial<JournalOptions> = {}): Journal {
  return new Journal({
    files: new MemoryFiles(),
    clock: new FakeClock(),
    authDir: "/auths",
    traceMax: 10,
    logMaxBytes: 2 ** 20,
    managementKey: new Secret(MANAGEMENT_KEY),
    mirror: undefined,
    feed: () => {},
    ...over,
  });
}
