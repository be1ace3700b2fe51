/**
 * `cdx2 auth refresh`: renews keys now. The proxy starts it for each key that is due, as a process of its own: one that
 * has sent a refresh token has to live until the answer is written, whatever happens to the proxy.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import type { Renewal, Renewals } from "../../api/renewals.ts";
import { findKey } from "../../auth/folder.ts";
import type { Settings } from "../../config/settings_table.ts";
import { gapMs } from "../../credentials/renewal_queue.ts";
import { readRenewalFacts } from "../../credentials/renewal_facts.ts";
import { planRenewal, type RenewalCause, type RenewalOutcome } from "../../credentials/renewal_plan.ts";
import { loginCommand, needsLogin, outcomeText } from "../../credentials/renewal_text.ts";
import { renewKey } from "../../credentials/renew.ts";
import type { RenewDeps } from "../../credentials/renewal_keep.ts";
import { momentAndDistance } from "../../values/durations.ts";
import { FileError } from "../../system/files.ts";
import { onEndingSignal } from "../../system/process.ts";
import { randomShare } from "../../system/random.ts";
import { isoOf } from "../../values/iso_time.ts";
import { defineCommand } from "../command.ts";
import { KEY_NAME_HELP } from "../options.ts";
import { renewalMarks } from "../renewals.ts";
import { localSettings, resolvedSettings } from "../settings.ts";
import type { World } from "../world.ts";

/** The command `cdx2 auth refresh`. */
export const authRefreshCommand = defineCommand({
  name: "refresh",
  summary: "Renew the token of a key now, or of all keys that are due.",
  details: "A running proxy renews its keys by itself. Without it, this can be run by a timer.",
  examples: [
    ["renew a key", "cdx2 auth refresh work"],
    ["renew what is due", "cdx2 auth refresh"],
  ],
  syntax: (command) =>
    command
      .argument("[key-name]", KEY_NAME_HELP)
      .option("--if-due", "Only when it is due.")
      .addOption(new Option("--refused <hash>", "Of the access token that was refused.").hideHelp())
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [name], options: { ifDue = false, refused, json } }) => {
    // A proxy that runs already goes on to renew its keys.
    const isProxys = refused !== undefined || ifDue;
    const { settings } = await (isProxys ? resolvedSettings : localSettings)(world, flags);
    const deps = renewDeps(world, settings);
    const cause = causeOf(refused, ifDue || name === undefined);
    const files = name === undefined
      ? await dueFiles(deps)
      : [(await findKey(world.files, settings.authDir, name, "Cannot renew the key")).file];
    if (files.length === 0) output.info("no key is due");
    const { outcomes, stoppedWith } = await finishingFirst(world, (isStopped) => {
      return renewAll(deps, { files, cause, isStopped });
    });
    const nowMs = world.clock.nowMs();
    const renewals = outcomes.map(({ file, outcome }) => renewalOf(file, outcome, nowMs));
    for (const renewal of renewals) {
      output.info(renewal.message);
      if (renewal.login_needed) output.info(`hint: log in again with "${loginCommand(renewal.file)}"`);
    }
    if (json) output.printJson({ keys: renewals } satisfies Renewals);
    await deps.marks.prune(nowMs).catch(() => {});
    if (stoppedWith !== undefined) return stoppedWith;
    return renewals.every(({ outcome }) => GOOD.has(outcome)) ? 0 : 1;
  },
});

// For what could not even be noted.
const RETRY_MS = 60_000;

const GOOD: ReadonlySet<RenewalOutcome["kind"]> = new Set(["renewed", "adopted", "not_due"]);

function renewDeps(world: World, settings: Settings): RenewDeps {
  const { files, processes, env, homeFolder, clock } = world;
  const marks = renewalMarks(world);
  const { clientId } = settings;
  return {
    files,
    processes,
    env,
    homeFolder,
    clock,
    marks,
    settings,
    clientId,
    send: world.sendOnce(),
    randomShare,
  };
}

function causeOf(refused: string | undefined, isOnlyIfDue: boolean): RenewalCause {
  if (refused !== undefined) return { kind: "refused", accessHash: refused };
  return { kind: isOnlyIfDue ? "due" : "asked" };
}

async function dueFiles(deps: RenewDeps): Promise<readonly string[]> {
  const facts = await readRenewalFacts(deps);
  const moment = { nowMs: deps.clock.nowMs(), isLocked: false };
  return facts.keys
    .filter((key) => planRenewal(key, { kind: "due" }, facts, moment).kind !== "end")
    .map(({ record }) => record.file);
}

interface Ended {
  readonly file: string;
  readonly outcome: RenewalOutcome;
}

async function renewAll(
  deps: RenewDeps,
  { files, cause, isStopped }: {
    readonly files: readonly string[];
    readonly cause: RenewalCause;
    readonly isStopped: () => boolean;
  },
): Promise<readonly Ended[]> {
  const ended: Ended[] = [];
  for (const file of files) {
    if (isStopped()) break;
    if (ended.length > 0) await deps.clock.sleep(gapMs(deps.randomShare()));
    ended.push({ file, outcome: await renewOne(deps, file, cause) });
  }
  return ended;
}

async function renewOne(deps: RenewDeps, file: string, cause: RenewalCause): Promise<RenewalOutcome> {
  try {
    return await renewKey(deps, file, cause);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { kind: "failed", reason: error.message, retryAtMs: deps.clock.nowMs() + RETRY_MS };
  }
}

/**
 * Until a key is done, signals that would end the program wait: a token that was sent must not be lost. Returns the exit
 * code of the first of them, too.
 */
async function finishingFirst(
  { processes }: World,
  act: (isStopped: () => boolean) => Promise<readonly Ended[]>,
): Promise<{ readonly outcomes: readonly Ended[]; readonly stoppedWith: number | undefined }> {
  let stoppedWith: number | undefined;
  const forget = onEndingSignal(processes, (exitCode) => stoppedWith ??= exitCode);
  try {
    return { outcomes: await act(() => stoppedWith !== undefined), stoppedWith };
  } finally {
    forget();
  }
}

function renewalOf(file: string, outcome: RenewalOutcome, nowMs: number): Renewal {
  const momentText = (timeMs: number) => momentAndDistance(timeMs, nowMs);
  return {
    file,
    outcome: outcome.kind,
    message: outcomeText(outcome, { file, momentText }),
    token_expires_at: "endsAtMs" in outcome ? isoOf(outcome.endsAtMs) : null,
    next_try_at: outcome.kind === "failed" ? isoOf(outcome.retryAtMs) : null,
    login_needed: needsLogin(outcome),
  };
}
