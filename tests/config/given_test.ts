import assert from "node:assert/strict";
import { type Given, onlyPlace, SETTING_PREFIX } from "../../src/config/given.ts";
import { resolveSettings } from "../../src/config/settings.ts";
import { SETTING_KEYS, SETTINGS } from "../../src/config/settings_table.ts";
import { UserError } from "../../src/values/user_error.ts";

function given(overrides: Partial<Given> = {}): Given {
  return { flags: {}, env: {}, homeFolder: "/home/ann", cwd: "/tmp/work", ...overrides };
}

const KEY = "a-management-key";

const PLACES: readonly Partial<Given>[] = [
  {},
  { env: { PATH: "/bin", CLIPROXY_AUTH_DIR: "~/keys", CLIPROXY_PORT: "1" } },
  { env: { CLIPROXY_ENV_FILE: "proxy.env", CLIPROXY_MANAGEMENT_KEY: KEY } },
  { envFileText: `CLIPROXY_MANAGEMENT_KEY=${KEY}\nCLIPROXY_PORT=8317\nOTHER=1\n` },
];

for (const overrides of PLACES) {
  Deno.test(`onlyPlace() with ${JSON.stringify(overrides)} is as with all settings`, () => {
    const place = onlyPlace(given(overrides))!;
    const { authDir, envFile, port, managementKey } = resolveSettings(given(overrides)).settings;
    assert.deepEqual(
      { ...place, managementKey: place.managementKey?.reveal() },
      { authDir, envFile, port, managementKey: managementKey?.reveal() },
    );
  });
}

for (
  const overrides of [
    { env: { CLIPROXY_REMOTE: "https://gateway.example" } },
    { env: { CLIPROXY_HOST: "0.0.0.0" } },
    { envFileText: "CLIPROXY_HOLD_SECONDS=5\n" },
  ]
) {
  Deno.test(`onlyPlace() does not decide with ${JSON.stringify(overrides)}`, () => {
    assert.equal(onlyPlace(given(overrides)), undefined);
  });
}

Deno.test("onlyPlace() refuses what is not allowed in the words of all settings", () => {
  const wrong = given({ envFileText: "CLIPROXY_PORT=many\n" });
  const messageOf = (act: (given: Given) => unknown) => {
    try {
      act(wrong);
    } catch (error) {
      assert(error instanceof UserError);
      return error.message;
    }
    return undefined;
  };
  assert.match(messageOf(onlyPlace) ?? "", /^Bad port "many" \(from CLIPROXY_PORT in /);
  assert.equal(messageOf(onlyPlace), messageOf(resolveSettings));
});

Deno.test("the variables of all settings begin alike, so that none is overlooked", () => {
  for (const key of SETTING_KEYS) assert(SETTINGS[key].environment.startsWith(SETTING_PREFIX), key);
});
