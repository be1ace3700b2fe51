import assert from "node:assert/strict";
import { settingsHelp } from "../../../src/cli/help_command/settings_help.ts";
import { paletteOf } from "../../../src/screen/palette.ts";
import { SETTINGS } from "../../../src/config/settings_table.ts";

Deno.test("settingsHelp() names each setting once, within the width of the terminal", () => {
  for (const columns of [60, 80, 140]) {
    const text = settingsHelp({ columns, palette: paletteOf(false) });
    for (const { environment } of Object.values(SETTINGS)) {
      assert.equal(
        text.split("\n").filter((line) => line.trim().split(" ")[0] === environment).length,
        1,
        environment,
      );
    }
    for (const line of text.split("\n")) {
      assert.ok(line.length <= columns || !line.trim().includes(" "), line);
    }
    assert.ok(!text.includes("`"));
  }
});
