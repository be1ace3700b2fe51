/**
 * What `cdx2 help settings` shows: each setting with its variable, its flag, its default and its meaning.
 * @module
 */

import { GROUPED_KEYS, SETTINGS } from "../../config/settings_table.ts";
import { wrapped } from "../../screen/line.ts";
import type { Palette } from "../../screen/palette.ts";
import { plainQuotes } from "../help.ts";

const INTRODUCTION = "A flag comes before the environment, and that before the file .env in the auth dir. " +
  '"cdx2 status --settings" shows the values in force, and where each comes from.';
const INDENT = 6;

/** The text, with a line end at its end; no line is wider than `columns` unless a word is. */
export function settingsHelp({ columns, palette }: { columns: number; palette: Palette }): string {
  const groups = GROUPED_KEYS.map(([group, keys]) => {
    const title = palette.bold(`${group.charAt(0).toUpperCase()}${group.slice(1)}:`);
    return [title, ...keys.flatMap((key) => settingLines(SETTINGS[key], columns))].join("\n");
  });
  const introduction = wrapped({ text: INTRODUCTION, indent: 0 }, columns).join("\n");
  return `${[introduction, ...groups].join("\n\n")}\n`;
}

interface Row {
  readonly environment: string;
  readonly flag: string | undefined;
  readonly default: string;
  readonly doc: string;
}

function settingLines(
  { environment, flag, default: standard, doc }: Row,
  columns: number,
): readonly string[] {
  const notes = [...(flag === undefined ? [] : [flag]), ...(standard === "" ? [] : [`default: ${standard}`])];
  const head = `  ${environment}${notes.length === 0 ? "" : `  (${notes.join(", ")})`}`;
  const text = " ".repeat(INDENT) + plainQuotes(doc);
  return [...wrapped({ text: head, indent: INDENT }, columns), ...wrapped({ text, indent: INDENT }, columns)];
}
