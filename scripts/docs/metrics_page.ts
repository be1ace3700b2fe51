/**
 * docs/metrics.md: the metrics of /metrics, from the table that defines them, and how to collect them.
 * @module
 */

import { METRICS } from "../../src/observability/metric_table.ts";
import { code, codeBlock, table } from "./markdown.ts";

/** The whole page. */
export function metricsPage(): string {
  return `# Metrics

\`GET /metrics\` on the proxy answers in the text format of Prometheus. Like all management endpoints it requires the
management key, in the header \`X-Management-Key\`:

${codeBlock("sh", [`curl -H "X-Management-Key: $(cat management.key)" http://127.0.0.1:8317/metrics`])}

The key is \`CLIPROXY_MANAGEMENT_KEY\` in the \`.env\` of the auth dir. Prometheus can send custom headers
since version 2.55:

${codeBlock("yaml", SCRAPE_CONFIG)}

An older version can read a file that \`curl\` writes into the folder of the textfile collector. By default, the proxy
listens only on loopback, so Prometheus has to run on the same machine. The proxy keeps its port between starts.

## Metrics

Counters begin at 0 when the proxy starts. A series with labels appears with its first value.

${table(["Metric", "Type", "Labels", "Meaning"], Object.values(METRICS).map(metricRow))}

\`key\` is the name of the key's file. A name that contains an e-mail address is replaced by the beginning of its SHA-256;
\`printf %s ann@example.com.json | sha256sum | cut -c1-12\` prints it. \`outcome\` is what the attempt said about its
key (see behaviour.md), \`route\` is \`request\`, \`compact\`, \`models\` or \`other\`, \`type\` is the \`error.type\` of the
answer (see cli.md). E-mail addresses, tokens and texts of the upstream never become labels.

## Queries

${codeBlock("promql", QUERIES)}

## A dashboard

[grafana-dashboard.json](grafana-dashboard.json) is a dashboard for Grafana: import it and choose your Prometheus. It shows
requests, tokens by key and model, the cache rate, latencies, the windows of each key with a forecast of an hour, and
states and switches of keys, and how often they were blacklisted. A test keeps its queries in step with the metrics above.

This page is generated from \`src/observability/metric_table.ts\` by \`deno run -A scripts/docs.ts\`.
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
  "# No key is usable: no request is served.",
  'cdx2_keys{state="ok"} == 0',
  "",
  "# A key was blacklisted within the last hour.",
  "increase(cdx2_key_ejections_total[1h]) > 0",
  "",
  "# The share of successful attempts.",
  'sum(rate(cdx2_attempts_total{outcome="ok"}[5m])) / sum(rate(cdx2_attempts_total[5m]))',
  "",
  "# 95 % of model requests got the first byte of their answer within this time, in seconds.",
  "histogram_quantile(0.95, sum by (le) (",
  '  rate(cdx2_attempt_time_to_first_byte_seconds_bucket{route="request"}[5m])))',
];

function metricRow({ name, type, labels, help }: (typeof METRICS)[keyof typeof METRICS]): readonly string[] {
  return [code(name), type, labels.map(code).join(", "), help];
}
