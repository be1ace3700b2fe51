/**
 * docs/metrics.md: what /metrics gives out, from the table that it is made with, and how to have it read.
 * @module
 */

import { METRICS } from "../../src/observability/metrics.ts";
import { code, codeBlock, table } from "./markdown.ts";

export function metricsPage(): string {
  return `# Metrics

\`GET /metrics\` on the proxy answers in the text format of Prometheus. Like all management endpoints it wants the
management key, in the header \`X-Management-Key\`:

${codeBlock("sh", [`curl -H "X-Management-Key: $(cat management.key)" http://127.0.0.1:8317/metrics`])}

The key is \`CLIPROXY_MANAGEMENT_KEY\` in the \`.env\` of the auth dir. Prometheus sends headers of one's own from 2.55
on:

${codeBlock("yaml", SCRAPE_CONFIG)}

An older one can read a file that \`curl\` writes into the folder of the textfile collector. The proxy answers only on
loopback unless it was told otherwise, so Prometheus runs on the same machine; and it keeps its port between starts.

## What there is

Counters begin at 0 when the proxy starts. A series with labels appears when it has something to count.

${table(["Metric", "Type", "Labels", "Meaning"], Object.values(METRICS).map(metricRow))}

\`key\` is the name of the key's file. One with an e-mail address in it appears as the beginning of its SHA-256 instead;
\`printf %s ann@example.com.json | sha256sum | cut -c1-12\` tells which. \`outcome\` is what the attempt said about its
key (see behaviour.md), \`route\` is \`request\`, \`compact\`, \`models\` or \`other\`, \`type\` is the \`error.type\` of the
answer (see cli.md). No e-mail address, no token and no text of the upstream is ever a label.

## What to ask

${codeBlock("promql", QUERIES)}

This page is generated from \`src/observability/metrics.ts\` by \`deno run -A scripts/docs.ts\`.
`;
}

const SCRAPE_CONFIG = [
  "scrape_configs:",
  "  - job_name: cdx2",
  "    http_headers:",
  "      X-Management-Key:",
  "        files: [/etc/prometheus/cdx2-management.key]",
  "    static_configs:",
  "      - targets: [127.0.0.1:8317]",
];

const QUERIES = [
  "# No key is usable: nobody is served.",
  'cdx2_keys{state="ok"} == 0',
  "",
  "# A key was ejected within the last hour.",
  "increase(cdx2_key_ejections_total[1h]) > 0",
  "",
  "# The share of attempts that went well.",
  'sum(rate(cdx2_attempts_total{outcome="ok"}[5m])) / sum(rate(cdx2_attempts_total[5m]))',
  "",
  "# Nineteen of twenty model requests have begun to answer within this time, in seconds.",
  "histogram_quantile(0.95, sum by (le) (",
  '  rate(cdx2_attempt_time_to_first_byte_seconds_bucket{route="request"}[5m])))',
];

function metricRow({ name, type, labels, help }: (typeof METRICS)[keyof typeof METRICS]): readonly string[] {
  return [code(name), type, labels.map(code).join(", "), help];
}
