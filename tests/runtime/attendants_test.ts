import assert from "node:assert/strict";
import { KeyFileLoader } from "../../src/auth/store.ts";
import { RenewalMarks } from "../../src/credentials/renewal_marks.ts";
import { attendantsOf } from "../../src/runtime/attendants.ts";
import { HomeKeeper } from "../../src/runtime/home_keeper.ts";
import { Notifier } from "../../src/runtime/notifier.ts";
import { RenewalSchedule } from "../../src/runtime/renewal_schedule.ts";
import { UsageWriter } from "../../src/runtime/usage_writer.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeKeyring } from "../support/fake_keyring.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { MemoryFiles } from "../support/memory_files.ts";
import { AUTH_DIR, someSettings } from "../support/service_world.ts";

const NO_RENEWALS = { CLIPROXY_REFRESH: "off" };
const SHARED = { CLIPROXY_SHARED: "redis://127.0.0.1:6379", CLIPROXY_SHARED_SECRET: "s".repeat(32) };

for (
  const [what, env, expected] of [
    ["by default renewals and the usage history", {}, [RenewalSchedule, UsageWriter]],
    ["without renewals the usage history", NO_RENEWALS, [UsageWriter]],
    ["in a shared pool the homes of logins", SHARED, [RenewalSchedule, HomeKeeper, UsageWriter]],
    ["the user's command", { ...NO_RENEWALS, CLIPROXY_NOTIFY: "notify-send" }, [Notifier, UsageWriter]],
  ] as const
) {
  Deno.test(`attendantsOf(): ${what}`, () => {
    const files = new MemoryFiles();
    const attendants = attendantsOf({
      files,
      processes: new FakeProcesses(1),
      clock: new FakeClock(),
      env: {},
      resolved: someSettings({ env }),
      marks: new RenewalMarks(files, "/renewals"),
      keyring: new FakeKeyring(),
      loader: new KeyFileLoader({ files, authDir: AUTH_DIR }),
      log: () => Promise.resolve(),
    });
    assert.deepEqual(attendants.map((one) => one.constructor), expected);
  });
}
