/**
 * `cdx2 all`: what is left of every key, as cards, in words or as JSON, once or again and again.
 * @module
 */

import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { UserError } from "../../values/user_error.ts";
import { printable } from "../../screen/cells.ts";
import type { DashboardView } from "./dashboard.ts";
import type { ServiceDeps } from "../../runtime/observe.ts";
import { askKeys, type KeysQuestion } from "./ask_keys.ts";
import { renderCards } from "./cards.ts";
import type { Context } from "../context.ts";
import { addExamples } from "../help.ts";
import { addServiceOptions, flagsOf, outputOf } from "../options.ts";
import { serviceDeps } from "../service.ts";
import { Spinner } from "../../screen/spinner.ts";
import { renderWords } from "./usage_words.ts";
import { watch as watchOnScreen } from "../../screen/watch.ts";
import { durationText } from "../../screen/durations.ts";
import type { World } from "../world.ts";

const DEFAULT_WARN_AT = 70;
const DEFAULT_COOLDOWN_AT = 90;
const DEFAULT_TIMEOUT_S = 8;
const DEFAULT_WATCH_S = 60;
// Each look asks the upstream once for every key.
const MIN_WATCH_S = 5;
const USUAL_COLUMNS = 80;

export function declareAll(command: Command, { world, exit }: Context): void {
  addExamples(
    command,
    ["see what is left of each key", "cdx2 all"],
    ["keep an eye on it", "cdx2 all --watch"],
    ["see in a script whether one is usable", "cdx2 all --json | jq -e '.availability.available_now > 0'"],
  );
  addServiceOptions(
    command.description("Show what is left of each key. Exit code 1: not one of them could be asked."),
  )
    .option("--warn-at <percent>", "Used this much, a window is a warning.", percentFrom, DEFAULT_WARN_AT)
    .option(
      "--cooldown-at <percent>",
      "Used this much, a window counts as exhausted.",
      percentFrom,
      DEFAULT_COOLDOWN_AT,
    )
    .option("--timeout <seconds>", "How long to wait for each key.", secondsFrom(0.1), DEFAULT_TIMEOUT_S)
    .addOption(
      new Option("--only <window>", "Look at this window alone.").choices(["both", "5h", "weekly"] as const)
        .default("both" as const),
    )
    .addOption(
      new Option("--watch [seconds]", "Draw it anew every so often, until q or Ctrl-C.")
        .argParser(secondsFrom(MIN_WATCH_S)).preset(String(DEFAULT_WATCH_S)),
    )
    .option("--plain", "Words alone, without frames, meters and emoji; also where TERM is dumb.")
    .addOption(new Option("--json", "Answer with JSON.").conflicts(["watch", "plain"]))
    .action(async ({ warnAt, cooldownAt, timeout, only, watch, plain = false, json }, command) => {
      const output = outputOf(command, world);
      const isPlain = plain || world.env["TERM"] === "dumb";
      const question = {
        // Before the proxy is asked: for that, the environment's exemptions from HTTP proxies are extended.
        send: world.sendOut(),
        thresholds: { warn_at: warnAt, cooldown_at: cooldownAt, only },
        timeoutMs: timeout * 1000,
      };
      const deps = await serviceDeps(world, flagsOf(command));
      const { authDir } = deps.resolved.settings;
      const draw = (view: DashboardView, columns: number) => {
        if (view.accounts.length === 0) return `${noKeys(authDir).message}\n`;
        return isPlain ? renderWords(view) : renderCards(view, { columns, palette: output.palette });
      };
      if (watch !== undefined && !isPlain && hasScreen(world)) {
        const ask = () => askKeys(world, deps, question);
        return exit(await watchOnScreen(world, { intervalMs: watch * 1000, ask, draw }));
      }
      const spins = world.terminal.errIsTerminal && !output.isQuiet && !isPlain;
      for (;;) {
        const view = await (spins ? askWithSpinner(world, deps, question) : askKeys(world, deps, question));
        if (json) output.answerJson(view);
        if (view.accounts.length === 0) throw noKeys(authDir);
        if (!json) output.answer(draw(view, columnsOf(world)));
        for (const note of notesAbout(view)) output.say(note);
        exit(view.ok ? 0 : 1);
        if (watch === undefined) return;
        await world.clock.sleep(watch * 1000);
        output.answer("\n");
      }
    });
}

async function askWithSpinner(
  world: World,
  deps: ServiceDeps,
  question: KeysQuestion,
): Promise<DashboardView> {
  const spinner = new Spinner(world, "asking the keys");
  try {
    return await askKeys(world, deps, {
      ...question,
      onAnswer: (answered, total) => spinner.text = `asking the keys: ${answered} of ${total} have answered`,
    });
  } finally {
    spinner.stop();
  }
}

function hasScreen({ terminal }: World): boolean {
  return terminal.inIsTerminal && terminal.outIsTerminal;
}

function columnsOf({ terminal }: World): number {
  return terminal.outSize?.columns ?? (terminal.outIsTerminal ? USUAL_COLUMNS : Infinity);
}

function noKeys(authDir: string): UserError {
  return new UserError(`There are no keys in ${authDir}`, { hint: 'add one with "cdx2 auth import"' });
}

/** What to say beside the cards; mostly nothing. */
function notesAbout({ availability, accounts }: DashboardView): readonly string[] {
  const { available_now, unknown_now, next_available_file: file, next_available_in_seconds: seconds } =
    availability;
  if (available_now > 0 || unknown_now === accounts.length) return [];
  const next = file === null || seconds === null
    ? ""
    : `; ${printable(file)} is next, in ${durationText(seconds * 1000)}`;
  return [`no key is usable now${next}`];
}

function percentFrom(text: string): number {
  if (/^\d{1,3}(\.\d+)?$/.test(text) && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError("Allowed is a number from 0 to 100.");
}

function secondsFrom(min: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,6}(\.\d+)?$/.test(text) && Number(text) >= min) return Number(text);
    throw new InvalidArgumentError(`Allowed is a number of seconds from ${min}.`);
  };
}
