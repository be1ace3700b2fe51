/**
 * Prints the answer of `cdx2 all`, once or repeatedly, for a pipe, a plain terminal and `--json`.
 * @module
 */

import { printable } from "../../screen/cells.ts";
import { counted, durationText } from "../../values/durations.ts";
import { messageLines, type Output } from "../../screen/output.ts";
import { Spinner } from "../../screen/spinner.ts";
import { onEndingSignal } from "../../system/process.ts";
import type { TerminalSize } from "../../system/terminal.ts";
import { msOf } from "../../values/iso_time.ts";
import { UserError } from "../../values/user_error.ts";
import { DEFAULT_COLUMNS } from "../help.ts";
import { renewalNotes } from "../renewals.ts";
import type { CommandDeps } from "../service.ts";
import type { World } from "../world.ts";
import { askKeys, type KeysQuestion } from "./ask_keys.ts";
import { type DashboardView, NOT_READ_YET } from "./page.ts";

/** How the answer is drawn; cards only where they fit. */
export type Drawing = "cards" | "brief" | "plain";

/** What is asked and how the answer is printed. */
export interface Printing {
  readonly world: World;
  readonly output: Output;
  readonly deps: CommandDeps;
  readonly question: KeysQuestion;
  /** The answer as text for a terminal of this size; Infinity for a pipe. */
  readonly draw: (view: DashboardView, size: TerminalSize) => string;
  readonly json: boolean;
  /** A spinner on standard error counts the answers. */
  readonly showsProgress: boolean;
}

/** Asks and prints, and resolves with the exit code. @throws {@link UserError} when there are no keys */
export async function printUsage(printing: Printing): Promise<number> {
  const { world, output, deps, draw, json } = printing;
  const view = await askForView(printing);
  if (typeof view === "number") return view;
  if (view.accounts.length === 0) {
    const error = noKeys(deps);
    if (!json) throw error;
    const { message, hint = null } = error;
    output.printJson({ ...view, error: { code: "failed", message, hint } } satisfies DashboardView);
    output.info(`${message}\nhint: ${hint}`);
    return error.exitCode;
  }
  const notes = notesAbout(view);
  if (json) output.printJson(view);
  else output.print(draw(view, sizeBeside(notes, world)));
  for (const note of notes) output.info(note);
  return view.ok ? 0 : 1;
}

/** Asks and prints every `intervalMs` until interrupted. @throws {@link UserError} when there are no keys */
export async function printUsageEvery(intervalMs: number, printing: Printing): Promise<number> {
  for (;;) {
    const exitCode = await printUsage(printing);
    if (exitCode > 1) return exitCode;
    await printing.world.clock.sleep(intervalMs);
    printing.output.print("\n");
  }
}

/** The error of a pool without keys: the auth dir, or a gateway. */
export function noKeys({ gateway, resolved }: Pick<CommandDeps, "gateway" | "resolved">): UserError {
  const how = 'add one with "cdx2 auth login" or "cdx2 auth import"';
  return gateway === undefined
    ? new UserError(`There are no usable keys in ${resolved.settings.authDir}`, {
      hint: `${how}; "cdx2 auth list" says why a file cannot be used`,
    })
    : new UserError(`There are no keys on the gateway ${gateway.url}`, { hint: `on that machine, ${how}` });
}

/** Asks the keys of this machine, or the gateway about its own. */
export async function askAll(
  world: World,
  deps: CommandDeps,
  question: KeysQuestion,
): Promise<DashboardView> {
  if (deps.gateway === undefined) return await askKeys(world, deps, question);
  const { askGatewayKeys } = await import("./ask_gateway.ts");
  return await askGatewayKeys(deps, question.thresholds);
}

/** The answer, or the exit code of a signal that came meanwhile. */
async function askForView(
  { world, deps, question, showsProgress }: Printing,
): Promise<DashboardView | number> {
  if (!showsProgress) return await askAll(world, deps, question);
  const spinner = new Spinner(world, "asking the keys");
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<number>();
  const forget = onEndingSignal(world.processes, interrupt);
  const asking = askKeys(world, deps, {
    ...question,
    onAnswer: (answered, total) => spinner.text = `asking the keys: ${answered} of ${total} have answered`,
  });
  try {
    return await Promise.race([asking, interrupted]);
  } finally {
    forget();
    spinner.stop();
  }
}

/** The room on the terminal that the notes, and the prompt with its one line, leave. */
function sizeBeside(notes: readonly string[], { terminal }: World): TerminalSize {
  if (!terminal.outIsTerminal) return { columns: Infinity, rows: Infinity };
  const { columns, rows } = terminal.outSize ?? { columns: DEFAULT_COLUMNS, rows: Infinity };
  const noteRows = terminal.errIsTerminal ? notes.flatMap((note) => messageLines(note, terminal)).length : 0;
  return { columns, rows: rows - noteRows - 1 };
}

/** What else the user should know; usually nothing. */
function notesAbout(view: DashboardView): readonly string[] {
  return [...renewalNotesIn(view), ...notesAboutUnread(view), ...notesAboutUsage(view)];
}

function renewalNotesIn({ accounts, retrieved_at }: DashboardView): readonly string[] {
  const keys = accounts.map(({ file, renewal, token_expires_at }) => ({
    file: printable(file),
    endsAtMs: msOf(token_expires_at),
    warning: renewal?.warning,
    fix: renewal?.fix,
  }));
  return renewalNotes(keys, Date.parse(retrieved_at));
}

/** Right after a gateway was started. */
function notesAboutUnread({ accounts }: DashboardView): readonly string[] {
  const unread = accounts.filter(({ error }) => error === NOT_READ_YET).length;
  return unread === 0 ? [] : [
    `the gateway reads the usage of a key from the answers to its requests: ${
      counted(unread, "key")
    } had none yet`,
    'hint: "cdx2 all" on the gateway asks the keys themselves',
  ];
}

function notesAboutUsage({ availability, accounts }: DashboardView): readonly string[] {
  const { available_now, unknown_now, next_available_file: file, next_available_in_seconds: seconds } =
    availability;
  if (available_now > 0 || unknown_now === accounts.length) return [];
  const next = file === null || seconds === null
    ? ""
    : `; ${printable(file)} is next, in ${durationText(seconds * 1000)}`;
  return [`no key is usable now${next}`];
}
