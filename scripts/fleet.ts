/**
 * Proves what docs/teams.md says of a shared pool, with a real Redis server: how fast verdicts travel, what a request
 * pays, how few refused attempts CI jobs make, and that nothing which happens to the server or the network loses a request.
 * Outside of the CI, since it takes its time; a short form is in tests/e2e/shared_pool_test.ts. It fails when a figure is
 * not as it has to be.
 *
 *   deno task fleet [--only verdicts,members,requests,jobs,faults,network]    the executable when CDX2_BIN names one
 *   deno task fleet --print                                                   changes no file
 *
 * It writes its part of docs/performance.md. Needs redis-server; the networks also need Linux, root, ip and faketime.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { parseArgs } from "node:util";
import { type Finding, findingsTable } from "./fleet/finding.ts";
import { faults } from "./fleet/faults.ts";
import { jobs } from "./fleet/jobs.ts";
import { network } from "./fleet/network.ts";
import { requests } from "./fleet/requests.ts";
import { pageWith } from "./bench/report.ts";
import { outputOf } from "./bench/programs.ts";
import { verdicts } from "./fleet/verdicts.ts";

const PROOFS: Readonly<Record<string, () => Promise<readonly Finding[]>>> = {
  verdicts: () => verdicts(2),
  members: () => verdicts(200),
  requests,
  jobs,
  faults,
  network,
};

const PAGE = new URL("../docs/performance.md", import.meta.url);

const { values } = parseArgs({
  options: { only: { type: "string" }, print: { type: "boolean", default: false } },
});
const loadBefore = loadAverage();
const findings: Finding[] = [];
for (const [name, prove] of Object.entries(PROOFS)) {
  if (values.only !== undefined && !values.only.split(",").includes(name)) continue;
  const found = await prove();
  console.log(`${name}, load average ${loadAverage()}\n${findingsTable(found)}`);
  findings.push(...found);
}
if (!values.print && values.only === undefined) {
  const program = Deno.env.has("CDX2_BIN") ? "the executable" : `cdx2 from source, Deno ${Deno.version.deno}`;
  const engine = /v=[\d.]+/.exec(await outputOf("redis-server", ["--version"]) ?? "")?.[0].slice(2);
  const intro =
    `${navigator.hardwareConcurrency} cores, ${program}, Redis ${engine} on the same machine. The load ` +
    `average was ${loadBefore} before and ${loadAverage()} after the run.`;
  const report = `${intro}\n\n${findingsTable(findings)}`;
  await Deno.writeTextFile(PAGE, pageWith(await Deno.readTextFile(PAGE), report, "fleet"));
  await outputOf(Deno.execPath(), ["fmt", "--quiet", PAGE.pathname]);
}
Deno.exit(findings.every(({ complaint }) => complaint === undefined) ? 0 : 1);

function loadAverage(): string {
  return Deno.loadavg()[0]!.toFixed(2);
}
