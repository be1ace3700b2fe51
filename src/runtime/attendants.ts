/**
 * What the proxy process does beside the worker that serves: it renews logins, keeps the usage history and the homes of
 * logins, and runs the user's command. Apart from serve.ts, since no start has to wait for its code.
 * @module
 */

import type { KeyFileLoader } from "../auth/store.ts";
import type { RenewalMarks } from "../credentials/renewal_marks.ts";
import { readRenewalFacts } from "../credentials/renewal_facts.ts";
import type { Keyring } from "../keyring/keyring.ts";
import type { ProxyEvent } from "../observability/event.ts";
import { homeFolder } from "../system/process.ts";
import { randomShare } from "../system/random.ts";
import { runTool } from "../system/tool.ts";
import { flagsAsEnvironment } from "./flags_environment.ts";
import { HomeKeeper } from "./home_keeper.ts";
import { Notifier } from "./notifier.ts";
import type { ServiceDeps } from "./observe.ts";
import { renewInProcess } from "./renewal_process.ts";
import { RenewalSchedule } from "./renewal_schedule.ts";
import type { WorkerAttendant } from "./sandbox.ts";
import { usagePlace } from "./usage_page.ts";
import { UsageWriter } from "./usage_writer.ts";

/** What {@link attendantsOf} works with. */
export interface AttendantOptions
  extends Pick<ServiceDeps, "files" | "processes" | "clock" | "env" | "resolved"> {
  /** What is known of renewals. */
  readonly marks: RenewalMarks;
  /** Forgets what it knows of tokens when they were renewed. */
  readonly keyring: Pick<Keyring, "forget">;
  /** Reads the auth files. */
  readonly loader: KeyFileLoader;
  /** Resolves when the event is written to the service log. */
  readonly log: (event: ProxyEvent) => Promise<void>;
}

/** Those that the settings ask for. */
export function attendantsOf(options: AttendantOptions): readonly WorkerAttendant[] {
  const { files, clock, env, marks, log, resolved: { settings } } = options;
  const { authDir, notify, refresh, shared } = settings;
  const schedule = refresh ? renewals(options) : undefined;
  return [
    ...(schedule ? [schedule] : []),
    ...(shared ? [new HomeKeeper(marks.homes, () => schedule?.look())] : []),
    ...(notify === undefined ? [] : [new Notifier({ command: notify, env, run: runTool, clock, log })]),
    new UsageWriter({ place: usagePlace(files, authDir), clock, log }),
  ];
}

function renewals(
  { files, processes, clock, env, resolved, marks, keyring, loader }: AttendantOptions,
): RenewalSchedule {
  const { settings } = resolved;
  const home = homeFolder(env);
  const deps = { files, processes, env, homeFolder: home, marks, settings };
  const options = { processes, authDir: settings.authDir, env: { ...env, ...flagsAsEnvironment(resolved) } };
  return new RenewalSchedule({
    clock,
    randomShare,
    marks,
    tellsLogins: settings.shared !== undefined,
    facts: (look) => readRenewalFacts(deps, () => loader.load(look)),
    renew: async (file, cause) => {
      const renewal = await renewInProcess(options, file, cause);
      // The process may have found newer tokens there than the file knows of.
      keyring.forget();
      return renewal;
    },
  });
}
