import assert from "node:assert/strict";
import { health } from "../../../src/api/health.ts";
import { lastUsedFile } from "../../../src/cli/all/ask_keys.ts";
import { readAs } from "../../support/pages.ts";

function lastUsedOf(accounts: readonly unknown[]): string | undefined {
  return lastUsedFile(readAs(health, { ok: true, accounts }).accounts);
}

Deno.test("lastUsedFile() finds the key that was used last", () => {
  const accounts = [
    { file: "a.json", last_used_at: "2027-01-15T08:00:01.000Z" },
    { file: "b.json", last_used_at: "2027-01-15T10:00:00.000Z" },
    { file: "c.json", last_used_at: "2027-01-15T09:59:59.999Z" },
    { file: "d.json", last_used_at: null },
    { last_used_at: "2028-01-01T00:00:00.000Z" },
  ];
  assert.equal(lastUsedOf(accounts), "b.json");
});

Deno.test("lastUsedFile() finds none before the first request", () => {
  assert.equal(lastUsedOf([]), undefined);
  assert.equal(lastUsedOf([{ file: "a.json", last_used_at: null }, { file: "b.json" }]), undefined);
});
