import assert from "node:assert/strict";
import { isWorthTelling, notificationText, Repetitions } from "../../src/observability/notification.ts";
import { anAttempt, anEvent, EVENT_AT_MS } from "../support/events.ts";

Deno.test("the user is told of changes of keys, an empty pool and a needed login, and of no request", () => {
  const told = (["auth.blacklisted", "auth.restored", "auth.pool_exhausted", "auth.login_needed"] as const)
    .map((name) => isWorthTelling(anEvent(name)));
  assert.deepEqual(told, [true, true, true, true]);
  assert.deepEqual([anAttempt(), anEvent("auth.loaded"), anEvent("auth.refreshed")].map(isWorthTelling), [
    false,
    false,
    false,
  ]);
});

Deno.test("the same about the same key is told once per minute", () => {
  const repetitions = new Repetitions();
  const isNews = (
    afterMs: number,
    auth_file: string,
    event: "auth.cooldown" | "auth.blacklisted" = "auth.cooldown",
  ) => repetitions.isNews(anEvent(event, { fields: { auth_file } }), EVENT_AT_MS + afterMs);
  assert.deepEqual([isNews(0, "a"), isNews(1, "a"), isNews(2, "b"), isNews(3, "a", "auth.blacklisted")], [
    true,
    false,
    true,
    true,
  ]);
  assert.deepEqual([isNews(59_999, "a"), isNews(60_000, "a")], [false, true]);
});

Deno.test("the command reads the line of the event log, with the number of events that were left out", () => {
  const event = anEvent("auth.login_needed", { message: "log in again" });
  const plain = JSON.parse(notificationText(event, 0));
  assert.deepEqual([plain.event, plain.message, plain.auth_file, plain.dropped], [
    "auth.login_needed",
    "log in again",
    "a.json",
    undefined,
  ]);
  assert.deepEqual(JSON.parse(notificationText(event, 3)), { ...plain, dropped: 3 });
});
