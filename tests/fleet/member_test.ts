import assert from "node:assert/strict";
import { NO_MEMBER, readMember } from "../../src/fleet/member.ts";

Deno.test("readMember() reads what a member wrote, and nothing that is not whole", () => {
  const member = { ...NO_MEMBER, name: "build-1", version: "1.0.0", keys: 3 };
  assert.deepEqual(readMember(JSON.parse(JSON.stringify({ ...member, later: true }))), member);
  for (
    const value of [undefined, null, [], { ...member, keys: "3" }, { ...member, seenMs: 1e300 }, {
      ...member,
      name: undefined,
    }]
  ) {
    assert.equal(readMember(value), undefined);
  }
});
