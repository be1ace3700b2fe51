import { diagnose, diagnosisJson } from "../../../src/cli/doctor/diagnosis.ts";
import { doctor } from "../../../src/cli/doctor/page.ts";
import { accountView } from "../../../src/proxy/account_view.ts";
import { POLICY, REJECTED, T0 } from "../../support/builders.ts";
import { aRunningService, someFacts } from "../../support/doctor_facts.ts";
import { aManagedProxy } from "../../support/managed_proxy.ts";
import { assertIs } from "../../support/pages.ts";

Deno.test("doctor answers what is declared, with and without a proxy", () => {
  const { pool, judge } = aManagedProxy();
  judge("a", REJECTED);
  const accounts = pool.describe(T0).map((report) => accountView(report, POLICY, T0));
  const unasked = { kind: "unasked", reason: "The proxy is not running", hint: null, accounts } as const;
  for (const service of [aRunningService({ accounts }), unasked]) {
    const page = diagnosisJson(diagnose(someFacts({ service })));
    assertIs(doctor, page);
  }
});
