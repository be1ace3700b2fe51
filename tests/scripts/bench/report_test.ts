import assert from "node:assert/strict";
import { figuresOf, type Measured } from "../../../scripts/bench/figures.ts";
import { pageWith, reportOf, type Run } from "../../../scripts/bench/report.ts";

function measured(cpuUs: number | undefined, delays?: number): Measured {
  const delay = { delayP50Ms: delays, delayP99Ms: delays };
  return { requestsPerSecond: 100, p50Ms: 1, p99Ms: 2, cpuUs, memoryMb: 90, ...delay };
}

const RUN: Run = {
  machine: "2 cores",
  contenders: { direct: "direct", nginx: "nginx 1.22", source: "cdx2" },
  missing: ["http-proxy, which is not installed"],
  rounds: 3,
  warmUp: { direct: 0, nginx: 20_000, source: 85_000 },
  load: [0.5, 1.5],
  cases: {
    json1: figuresOf([{ direct: measured(undefined), nginx: measured(10), source: measured(45) }]),
    events10: figuresOf([{
      direct: measured(undefined, 0.1),
      nginx: measured(5, 0.2),
      source: measured(20, 0.4),
    }]),
  },
  keys: figuresOf([{ 10: measured(50), 1000: measured(60) }]),
  atRest: { 10: 0.001, 1000: 0.025 },
  webSockets: {
    contenders: { direct: "direct", tunnel: "tunnel", source: "cdx2" },
    cases: {
      "100 sockets": figuresOf([{
        direct: measured(undefined, 0.1),
        tunnel: measured(20, 0.2),
        source: measured(30, 0.4),
      }]),
    },
    idleKb: { tunnel: 15.4, source: 70.2 },
  },
};

Deno.test("reportOf() shows each case once for each figure that it has, with ratios and what was added", () => {
  const report = reportOf(RUN);
  assert.match(report, /^\| 1 KB of JSON × 1 \| 10 \| 45 \(4\.50\) \|$/m);
  assert.match(report, /^\| paced events × 10 \| 5 \| 20 \(4\.00\) \|$/m);
  assert.match(
    report,
    /^\| paced events × 10 \| 0\.10 \/ 0\.10; 90 \| .* \| 0\.40 \/ 0\.40 \(\+0\.30\); 90 \|$/m,
  );
  assert.match(
    report,
    /^\| 100 sockets \| 0\.10 \/ 0\.10 \| .* \| 0\.40 \/ 0\.40 \(\+0\.30\); 30 \|$/m,
  );
  assert.match(report, /^\| an idle socket \| – \| 15 kB \| 70 kB \|$/m);
  assert.equal(report.match(/paced events/g)?.length, 2);
  assert.match(report, /^\| 1,000 \| 60 \| 100 \| 90 \| 2\.5 % \|$/m);
  assert.match(
    report,
    /load average was 0\.50 before and 1\.50 after.*Not measured: http-proxy, which is not installed\./,
  );
  assert.match(
    report,
    /Requests that it took: nginx 1\.22 20,000; cdx2 85,000\. Then each had 500 streams of events once\. While others are measured, /,
  );
});

Deno.test("pageWith() replaces the last report and nothing else", () => {
  const page =
    "# A\n\n<!-- Written by deno task bench -->\nold\n<!-- End of what deno task bench writes -->\n\n## B\n";
  const fresh = pageWith(page, "new");
  assert.match(fresh, /^# A\n\n<!-- Written[^\n]*-->\n\nnew\n\n<!-- End[^\n]*-->\n\n## B\n$/);
  assert.equal(pageWith(fresh, "new"), fresh);
  assert.throws(() => pageWith("# A\n", "new"), /no place/);
});
