import assert from "node:assert/strict";
import { ACCESS_SETTINGS } from "../../src/config/access_settings.ts";

const PLACE = { homeFolder: "/home/ann", cwd: "/" };

Deno.test("ACCESS_SETTINGS trust web servers by address only, since a name may lead anywhere", () => {
  const { parse } = ACCESS_SETTINGS.trustedProxies;
  assert.deepEqual(parse("127.0.0.1, [::1],10.0.0.0/8", PLACE), ["127.0.0.1", "::1", "10.0.0.0/8"]);
  assert.equal(parse("nginx.lan", PLACE), undefined);
});
