import assert from "node:assert/strict";
import { BODY_SETTINGS } from "../../src/config/body_settings.ts";

const ALLOWED:
  readonly (readonly [key: keyof typeof BODY_SETTINGS, text: string, value: number | undefined])[] = [
    ["maxBodyBytes", "1", 2 ** 20],
    ["maxBodyBytes", "0", undefined],
    ["bodyMemoryBytes", "2048", 2 ** 31],
    ["bodyMemoryBytes", "0", undefined],
    ["bodyIdleTimeoutMs", "0.5", 500],
    ["bodyIdleTimeoutMs", "0", undefined],
  ];

for (const [key, text, value] of ALLOWED) {
  Deno.test(`${key} ${value === undefined ? "refuses" : "takes"} ${text}`, () => {
    assert.equal(BODY_SETTINGS[key].parse(text, { homeFolder: "/home/ann", cwd: "/" }), value);
  });
}
