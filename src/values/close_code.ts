/**
 * The codes with which WebSockets are closed.
 * @module
 */

/** Close codes (RFC 6455 §7.4.1, and the registry that it sets up). */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  tooLarge: 1009,
  internal: 1011,
  restart: 1012,
} as const;

/** Whether a close frame may hold the code (§7.4). */
export function mayBeSent(code: number): boolean {
  return (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
    (code >= 3000 && code <= 4999);
}
