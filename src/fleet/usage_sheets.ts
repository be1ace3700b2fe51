/**
 * What one run of a member has used of each key, by day. Each sheet only grows, and is told as a whole: however often that
 * happens, nothing is counted twice. Pure.
 * @module
 */

import type { AttemptEntry } from "../observability/usage/entries.ts";
import { isObject, parseJson } from "../values/json.ts";
import { type MemberIdentity, memberName } from "../values/member_name.ts";

/** Counted for one key. */
export interface KeyUse {
  /** Requests that were answered. */
  readonly requests: number;
  /** Tokens that models read. */
  readonly input: number;
  /** Those of them from the prompt cache. */
  readonly cached: number;
  /** Tokens that models wrote. */
  readonly output: number;
}

/** One key of a sheet. */
export interface SheetRow extends KeyUse {
  /** What all members call the key. */
  readonly owner: string;
  /** What this member calls it. */
  readonly label: string;
}

/** As it is told. */
export interface Sheet {
  /** Whose it is. */
  readonly member: MemberIdentity;
  /** Its keys. */
  readonly rows: readonly SheetRow[];
}

/** A sheet that is to be told. */
export interface OpenSheet {
  /** In local time, `2026-11-26`. */
  readonly day: string;
  /** From 1, in the run. */
  readonly number: number;
  /** Its keys. */
  readonly rows: readonly SheetRow[];
}

/** How many keys a sheet has at most: as a text it stays below 8 KB. */
export const MAX_ROWS = 40;
/** How many sheets wait for the store at most. The oldest are then given up. */
export const MAX_SHEETS = 512;
/** Nothing was used. */
export const NO_USE: KeyUse = { requests: 0, input: 0, cached: 0, output: 0 };
const MAX_LABEL_CHARS = 100;

/** The sum of both. */
export function addUse(one: KeyUse, other: KeyUse): KeyUse {
  return {
    requests: one.requests + other.requests,
    input: one.input + other.input,
    cached: one.cached + other.cached,
    output: one.output + other.output,
  };
}

interface Kept {
  readonly day: string;
  readonly number: number;
  readonly rows: Map<string, SheetRow>;
  isTold: boolean;
  /** It was taken to be told, and may come back. */
  isUnderWay: boolean;
}

/** See above. */
export class UsageSheets {
  #sheets: Kept[] = [];
  #count = 0;

  /** Counts an attempt of this day. */
  add(day: string, owner: string, { key, isAnswer, input = 0, cached = 0, output = 0 }: AttemptEntry): void {
    const use = { requests: isAnswer ? 1 : 0, input, cached, output };
    // An attempt that was refused has used nothing.
    if (use.requests + input + output === 0) return;
    const sheet = this.#sheetFor(day, owner);
    const known = sheet.rows.get(owner) ?? NO_USE;
    sheet.rows.set(owner, { owner, label: key.slice(0, MAX_LABEL_CHARS), ...addUse(known, use) });
    sheet.isTold = false;
  }

  /** What is to be told. It counts as told from now on. */
  takeUntold(): readonly OpenSheet[] {
    const untold = this.#sheets.filter(({ isTold }) => !isTold);
    for (const sheet of untold) sheet.isTold = sheet.isUnderWay = true;
    return untold.map(({ day, number, rows }) => ({ day, number, rows: [...rows.values()] }));
  }

  /** What became of sheets that were taken: those that were not told are told again. */
  settle(sheets: readonly OpenSheet[], isTold: boolean): void {
    const numbers = new Set(sheets.map(({ number }) => number));
    for (const sheet of this.#sheets.filter(({ number }) => numbers.has(number))) {
      sheet.isUnderWay = false;
      sheet.isTold &&= isTold;
    }
  }

  /** Whether there is something to tell. */
  get hasUntold(): boolean {
    return this.#sheets.some(({ isTold }) => !isTold);
  }

  #sheetFor(day: string, owner: string): Kept {
    const ofDay = this.#sheets.filter((sheet) => sheet.day === day);
    const known = ofDay.find(({ rows }) => rows.has(owner)) ?? ofDay.find(({ rows }) => rows.size < MAX_ROWS);
    if (known) return known;
    const sheet = {
      day,
      number: ++this.#count,
      rows: new Map<string, SheetRow>(),
      isTold: true,
      isUnderWay: false,
    };
    // Of another day, nothing more is counted on a sheet that was told. A day that comes back begins a new one.
    const needed = this.#sheets.filter((one) => one.day === day || !one.isTold || one.isUnderWay);
    this.#sheets = [...needed, sheet].slice(-MAX_SHEETS);
    return sheet;
  }
}

/** As a text, to be sealed. */
export function sheetText({ id, name }: MemberIdentity, { rows }: Pick<OpenSheet, "rows">): string {
  return JSON.stringify({
    member: name,
    id,
    rows: rows.map(({ owner, label, requests, input, cached, output }) => [
      owner,
      label,
      requests,
      input,
      cached,
      output,
    ]),
  });
}

/** The sheet of a text; `undefined` for what is none. */
export function readSheet(text: string): Sheet | undefined {
  const content = parseJson(text);
  if (!isObject(content)) return undefined;
  const { member: name, id, rows } = content;
  if (typeof name !== "string" || !Array.isArray(rows)) return undefined;
  const read = rows.map(readRow);
  const member = { id: typeof id === "string" ? id : "", name: memberName(name) };
  return read.every((row) => row !== undefined) ? { member, rows: read } : undefined;
}

function readRow(row: unknown): SheetRow | undefined {
  if (!Array.isArray(row)) return undefined;
  const [owner, label, ...counts] = row;
  const isWhole = counts.length >= 4 && counts.every((count) => Number.isSafeInteger(count) && count >= 0);
  if (typeof owner !== "string" || typeof label !== "string" || !isWhole) return undefined;
  const [requests, input, cached, output] = counts;
  return { owner, label, requests, input, cached, output };
}
