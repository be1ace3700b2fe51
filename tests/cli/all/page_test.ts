import { dashboardView } from "../../../src/cli/all/dashboard.ts";
import { dashboard } from "../../../src/cli/all/page.ts";
import { anAskedKey, aUsageWindow, noAnswer } from "../../support/asked_keys.ts";
import { T0 } from "../../support/builders.ts";
import { assertIs } from "../../support/pages.ts";

for (const only of ["both", "5h", "weekly"] as const) {
  Deno.test(`all --json answers what is declared, looking at ${only}`, () => {
    const keys = [
      anAskedKey("a", { usage: { windows: [aUsageWindow(3600, 40)] } }),
      noAnswer("b", "not reachable"),
    ];
    const page = dashboardView(keys, { thresholds: { warn_at: 70, cooldown_at: 90, only }, nowMs: T0 });
    assertIs(dashboard, page);
  });
}
