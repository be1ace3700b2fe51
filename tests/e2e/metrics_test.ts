// /metrics of a proxy that has seen a dead key, a stream, a refusal and a request that it held.

import assert from "node:assert/strict";
import { happyEvents, json, sse } from "../support/answers.ts";
import { startFakeUpstream } from "../support/fake_upstream.ts";
import { saidBy, testWith } from "../support/installed.ts";
import { Home, until } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

const SETTINGS = { CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY, CLIPROXY_ROTATION: "request" };

testWith("promtool", "/metrics tells what happened, as promtool has it, and no secret", async () => {
  await using upstream = await startFakeUpstream();
  await using home = await Home.make({ ...SETTINGS, CLIPROXY_UPSTREAM: upstream.url });
  await home.addKey("ann@example.com.json", "token-of-ann");
  await home.addKey("work.json", "token-of-work");
  upstream.reply({ token: "token-of-ann" }, json(401, { error: { code: "token_revoked" } }));
  upstream.reply({ token: "token-of-work" }, sse(happyEvents("hello")));
  const service = await Service.start(home);

  const bodies = await Promise.all([1, 2].map(async () => await (await service.ask()).text()));
  upstream.reply({ token: "token-of-work" }, json(429, {}, { "retry-after": "1" }));
  assert.equal((await service.ask()).status, 429);
  upstream.reply({ token: "token-of-work" }, sse(happyEvents("hello")));
  bodies.push(await (await service.ask()).text());
  await fetch(`${service.baseUrl}/v1/responses`, { headers: { "sec-fetch-site": "cross-site" } });

  const metrics = async () => await (await service.manage("/metrics")).text();
  await until("nothing is under way", async () => (await metrics()).includes("cdx2_requests_in_flight 0\n"));
  const text = await metrics();
  const bytes = bodies.join("").length;
  for (
    const line of [
      'cdx2_requests_total{code="200"} 3',
      'cdx2_requests_total{code="429"} 1',
      'cdx2_requests_total{code="403"} 1',
      "cdx2_requests_held_total 1",
      'cdx2_refusals_total{type="forbidden"} 1',
      'cdx2_attempts_total{key="work.json",outcome="ok"} 3',
      'cdx2_attempts_total{key="work.json",outcome="rate_limited"} 1',
      `cdx2_streamed_bytes_total ${bytes}`,
      'cdx2_keys{state="ok"} 1',
      'cdx2_keys{state="blacklist"} 1',
      'cdx2_key_cooldowns_total{key="work.json"} 1',
      'cdx2_log_lines_dropped_total{log="events"} 0',
    ]
  ) assert.ok(text.includes(`${line}\n`), `${line}\n\n${text}`);
  assert.match(text, /^cdx2_key_ejections_total\{key="[0-9a-f]{12}\.json"\} 1$/m);
  assert.doesNotMatch(text, /@|token-of|management-key/);
  assert.equal(await saidBy("promtool", ["check", "metrics"], { input: text }), "");
  assert.equal((await service.manage("/metrics", "GET", "wrong")).status, 401);
});
