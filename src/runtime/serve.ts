/**
 * Runs the proxy in this process: gives its main thread everything that it needs.
 * @module
 */

import { proxiedOrigin } from "../config/http_proxy.ts";
import { KeyFileLoader } from "../auth/store.ts";
import { renewalFolder, runtimePaths } from "../config/paths.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { readRenewalFacts } from "../credentials/renewal_facts.ts";
import { RenewalMarks } from "../credentials/renewal_marks.ts";
import type { ProxyEvent } from "../observability/event.ts";
import { faultEvent } from "../observability/fault_event.ts";
import { openServiceLog } from "../observability/service_log.ts";
import { readClocks } from "../system/clock.ts";
import { freePort } from "../system/http.ts";
import { machineName } from "../system/platform.ts";
import { exitProcess, homeFolder, onStrayError } from "../system/process.ts";
import { randomKey, randomShare } from "../system/random.ts";
import { runTool } from "../system/tool.ts";
import type { ServiceDeps } from "./observe.ts";
import { flagsAsEnvironment } from "./launch.ts";
import { HomeKeeper } from "./home_keeper.ts";
import { renewInProcess } from "./renewal_process.ts";
import { RenewalSchedule } from "./renewal_schedule.ts";
import { startWorker } from "./sandbox.ts";
import { sharedStart } from "./shared_start.ts";
import { runServer } from "./server_process.ts";
import { handTokens } from "./token_handover.ts";
import { Notifier } from "./notifier.ts";
import { usagePlace } from "./usage_page.ts";
import { UsageWriter } from "./usage_writer.ts";

const MANAGEMENT_KEY_BYTES = 24;

/** Resolves with the exit code when the proxy has stopped. With `foreground` errors are thrown, else logged. */
export async function serve(
  { files, processes, clock, env, resolved, version }: ServiceDeps,
  { foreground, keyring }: { readonly foreground: boolean; readonly keyring: Pick<Keyring, "forget"> },
): Promise<number> {
  const { authDir, logMaxBytes, notify, refresh, shared } = resolved.settings;
  const marks = new RenewalMarks(files, renewalFolder(env, homeFolder(env)));
  const loader = new KeyFileLoader({ files, authDir });
  const renewing = { files, processes, clock, env, resolved, marks, keyring, loader };
  const schedule = refresh ? renewals(renewing) : undefined;
  const { logFile } = runtimePaths(authDir);
  const log = openServiceLog({ files, clock, path: logFile, maxBytes: logMaxBytes });
  const write = async (event: ProxyEvent) => {
    log.publish(event);
    await log.flush();
  };
  onStrayError((error) => void write(faultEvent(error, clock.nowMs())));
  // In the background, it was raised before the start.
  if (foreground) await processes.raiseDescriptorLimit();
  return await runServer({
    files,
    processes,
    clock,
    readClocks,
    resolved,
    version,
    proxiedOrigin: (url) => proxiedOrigin(url, env),
    foreground,
    newManagementKey: () => randomKey(MANAGEMENT_KEY_BYTES),
    shared: () =>
      sharedStart({ files, homes: marks.homes, env, machineName: machineName() }, resolved.settings),
    freePort,
    listKeys: () => loader.list(),
    attendants: [
      ...(schedule ? [schedule] : []),
      ...(shared ? [new HomeKeeper(marks.homes, () => schedule?.look())] : []),
      ...(notify === undefined
        ? []
        : [new Notifier({ command: notify, env, run: runTool, clock, log: write })]),
      new UsageWriter({ place: usagePlace(files, authDir), clock, log: write }),
    ],
    startWorker: (start) => {
      return startWorker(start, { handTokens: (wanted) => handTokens({ files, authDir }, wanted) });
    },
    log: write,
    exit: exitProcess,
  });
}

function renewals(
  { files, processes, clock, env, resolved, marks, keyring, loader }:
    & Omit<ServiceDeps, "connect" | "startManaged" | "version">
    & {
      readonly marks: RenewalMarks;
      readonly keyring: Pick<Keyring, "forget">;
      readonly loader: KeyFileLoader;
    },
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
