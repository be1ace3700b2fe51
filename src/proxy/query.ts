/**
 * The query parameters of management endpoints.
 * @module
 */

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
