/**
 * The query parameters of management endpoints.
 * @module
 */

import { MAX_USAGE_DAYS } from "../api/usage.ts";

/** A query parameter that is not allowed; the message is for the user. */
export class BadQuery extends Error {}

// Some proxies and firewalls cut a connection that is silent for longer.
const MAX_WAIT_S = 30;

/** A whole number from 0. @throws {@link BadQuery} */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new BadQuery(`${name} is "${text}"; allowed is a whole number from 0`);
  return Number(text);
}

/** How long the answer may wait, in milliseconds; the parameter is in seconds. @throws {@link BadQuery} */
export function waitMs(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) <= MAX_WAIT_S) return Number(text) * 1000;
  throw new BadQuery(`wait is "${text}"; allowed is a whole number of seconds from 0 to ${MAX_WAIT_S}`);
}

/** What a report on use is asked for. */
export interface UsageQueryBy<Group> {
  /** Today included. */
  readonly days: number;
  /** What the rows are about. */
  readonly by: Group;
}

/** What a report on use is asked for: a week by key unless the query says something else. @throws {@link BadQuery} */
export function usageQuery<Group extends string>(
  query: URLSearchParams,
  groups: readonly Group[],
): UsageQueryBy<Group> {
  const [days, by] = [query.get("days") ?? "7", query.get("by") ?? "key"];
  if (!/^[1-9]\d?$/.test(days) || Number(days) > MAX_USAGE_DAYS) {
    throw new BadQuery(`days is "${days}"; allowed is a whole number from 1 to ${MAX_USAGE_DAYS}`);
  }
  const group = groups.find((name) => name === by);
  if (group === undefined) throw new BadQuery(`by is "${by}"; allowed is one of ${groups.join(", ")}`);
  return { days: Number(days), by: group };
}
