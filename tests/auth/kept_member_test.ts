import assert from "node:assert/strict";
import { mayNameEntry } from "../../src/auth/kept_member.ts";
import { keptEntry, withEntry, withoutEntry } from "../../src/auth/kept_tokens.ts";

const TEXT = '{"tokens":{"access_token":"eyJ.a.b"}}';

Deno.test("mayNameEntry() holds for every file that names an entry, and for no other that is written here", () => {
  const named = withEntry(TEXT, "Entry0001");
  assert(keptEntry(named));
  assert(mayNameEntry(named));
  assert(!mayNameEntry(TEXT));
  assert(!mayNameEntry(withoutEntry(named)));
});
