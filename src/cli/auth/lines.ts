/**
 * Auth files as lines for the user: the keys in columns, or stacked where the terminal is too narrow, then the files that
 * are not keys.
 * @module
 */

import { cellsOf, printable } from "../../screen/cells.ts";
import type { AuthFile } from "../../api/auth_files.ts";
import { expiryText } from "./expiry.ts";
import { type RenewalStanding, renewerText } from "../../credentials/renewal_standing.ts";
import type { Palette } from "../../screen/palette.ts";
import { msOf } from "../../values/iso_time.ts";
import { wrapped } from "../../screen/line.ts";
import { Columns } from "../../screen/table.ts";

/** How the lines are laid out. */
export interface AuthLayout {
  readonly nowMs: number;
  readonly palette: Palette;
  /** In cells; Infinity when lines may have any length. */
  readonly width: number;
  /** Who renews the keys; one that is not in it is shown without. */
  readonly renewals?: readonly RenewalStanding[];
}

/** The lines, without line ends. */
export function authLines(files: readonly AuthFile[], layout: AuthLayout): readonly string[] {
  const isKey = ({ usable, disabled }: AuthFile) => usable || disabled;
  const keys = files.filter(isKey);
  const others = files.filter((file) => !isKey(file));
  const gap = keys.length > 0 && others.length > 0 ? [""] : [];
  return [...keyLines(keys, layout), ...gap, ...otherLines(others, layout)];
}

const HEAD = ["FILE", "E-MAIL", "PLAN", "ACCOUNT", "TOKEN"];

function keyLines(
  files: readonly AuthFile[],
  { nowMs, palette, width, renewals = [] }: AuthLayout,
): readonly string[] {
  if (files.length === 0) return [];
  const renewalOf = new Map(renewals.map((renewal) => [renewal.file, renewal]));
  const rows = files.map((file) => columnsOf(file, renewalOf.get(file.file), nowMs));
  const [head, ...lines] = new Columns().align([HEAD, ...rows]);
  const isTooWide = [head!, ...lines].some((line) => cellsOf(line) > width);
  const entries = isTooWide ? rows.map((row) => stacked(row, width)) : lines;
  return [
    ...(isTooWide ? [] : [head!]),
    ...entries.map((entry, index) => colored(entry, files[index]!, { nowMs, palette })),
  ];
}

function stacked([file, ...details]: readonly string[], width: number): string {
  const [who, token] = [details.slice(0, -1).filter((detail) => detail !== NOTHING), details.at(-1)!];
  const below = [...(who.length > 0 ? [who.join(", ")] : []), token];
  return [file, ...below.flatMap((text) => wrapped({ text: `  ${text}`, indent: 4 }, width))].join("\n");
}

const NOTHING = "-";
// Account ids are long; the first characters tell them apart, and --json prints all of them.
const ACCOUNT_CHARS = 9;

function columnsOf(
  view: AuthFile,
  renewal: RenewalStanding | undefined,
  nowMs: number,
): readonly string[] {
  const endsAtMs = msOf(view.token_expires_at);
  // A key that does not end needs no renewal.
  const isWorthSaying = renewal && (renewal.by !== undefined || endsAtMs !== undefined);
  const { file, email, plan, account_id, alias } = view;
  const name = alias ? `${file} (${alias})` : file;
  const known = [name, email, plan, account_id && shortened(account_id, ACCOUNT_CHARS)];
  const standing = [
    view.disabled ? "disabled" : undefined,
    view.upstream === null ? undefined : `at ${new URL(view.upstream).host}`,
    view.in_keyring ? "in the keyring" : undefined,
    view.priority === 0 ? undefined : `priority ${view.priority}`,
    expiryText(endsAtMs, nowMs),
    isWorthSaying ? renewerText(renewal) : undefined,
  ];
  return [
    ...known.map((cell) => printable(cell || NOTHING)),
    standing.filter((text) => text !== undefined).join(", "),
  ];
}

function shortened(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}

function otherLines(files: readonly AuthFile[], { palette, width }: AuthLayout): readonly string[] {
  if (files.length === 0) return [];
  const lines = files.flatMap(({ file, reason }) =>
    wrapped({ text: `  ${printable(file)}: ${printable(reason ?? "")}`, indent: 4 }, width)
  );
  return ["Not usable:", ...lines.map((line) => palette.yellow(line))];
}

function colored(
  entry: string,
  view: AuthFile,
  { nowMs, palette }: Pick<AuthLayout, "nowMs" | "palette">,
): string {
  if (view.disabled) return palette.dim(entry);
  return (msOf(view.token_expires_at) ?? Infinity) <= nowMs ? palette.red(entry) : entry;
}
