// What the proxy answers, and what the real Codex then does with it: how often it asks, and what it tells the user.

import assert from "node:assert/strict";
import { type Answer, failedEvents, happyEvents, json, sse } from "../support/answers.ts";
import { codexEnv, QUIET, testWithCodex } from "../support/codex.ts";
import { startFakeUpstream, type UpstreamRequest } from "../support/fake_upstream.ts";
import { replaceKeys } from "../support/fresh_keys.ts";
import { Home } from "../support/program.ts";
import { MANAGEMENT_KEY, Service } from "../support/service.ts";

const DEAD = json(401, { error: { code: "token_revoked" } });
const SPENT = json(429, { error: { type: "usage_limit_reached", resets_in_seconds: 3600 } });
const BURST = json(429, { detail: "Too Many Requests" });
const NO_MODEL = json(400, {
  detail: "The 'gpt-6' model is not supported when using Codex with a ChatGPT account.",
});
const GOOD = sse(happyEvents("hello from upstream"));

interface Reaction {
  readonly what: string;
  /** The answers to the first key and to the second, each one after the other, the last one repeated. */
  readonly answers: readonly (readonly [Answer, ...Answer[]])[];
  readonly code: 0 | 1;
  /** What the user reads. */
  readonly says: RegExp;
  /** How often Codex asked. */
  readonly asked: number;
  /** How often the upstream was asked. */
  readonly attempts: number;
}

const REACTIONS: readonly Reaction[] = [
  {
    what: "a pool at its quota",
    answers: [[SPENT], [SPENT]],
    code: 1,
    says: /hit your usage limit/,
    asked: 1,
    attempts: 2,
  },
  {
    what: "a single key at its quota",
    answers: [[SPENT]],
    code: 1,
    says: /hit your usage limit/,
    asked: 1,
    attempts: 1,
  },
  {
    what: "a single key in a burst",
    answers: [[BURST, GOOD]],
    code: 0,
    says: /hello from upstream/,
    asked: 1,
    attempts: 2,
  },
  {
    what: "a model that one of two keys lacks",
    answers: [[NO_MODEL], [GOOD]],
    code: 0,
    says: /hello from upstream/,
    asked: 1,
    attempts: 2,
  },
  {
    what: "a model that every key lacks",
    answers: [[NO_MODEL], [NO_MODEL]],
    code: 1,
    says: /The 'gpt-6' model is not supported/,
    asked: 1,
    attempts: 2,
  },
  {
    what: "a pool of dead keys",
    answers: [[DEAD], [DEAD]],
    code: 1,
    says:
      /\.json +blacklisted: its token was revoked \(token_revoked\)\n +-> log in again with "cdx2 auth login --replace \S+"\n[^{}]*\nType "cdx2 doctor"/,
    asked: 1,
    attempts: 2,
  },
  {
    what: "an upstream that breaks down once",
    answers: [[json(500, {})], [GOOD]],
    code: 0,
    says: /hello from upstream/,
    asked: 2,
    attempts: 2,
  },
  {
    what: "a model at capacity with one key",
    answers: [[sse(failedEvents("server_is_overloaded", "busy"))], [GOOD]],
    code: 0,
    says: /hello from upstream/,
    asked: 1,
    attempts: 2,
  },
  {
    what: "a model at capacity with every key",
    answers: [[sse(failedEvents("server_is_overloaded", "busy"))], [
      sse(failedEvents("server_is_overloaded", "busy")),
    ]],
    code: 1,
    says: /at capacity/,
    asked: 1,
    attempts: 2,
  },
  {
    what: "a request that is too long",
    answers: [[sse(failedEvents("context_length_exceeded", "too long"))], [GOOD]],
    code: 1,
    says: /ran out of room/,
    asked: 1,
    attempts: 1,
  },
  {
    what: "a quota that shows only in the stream",
    answers: [[sse(failedEvents("usage_limit_reached", "limit"))], [GOOD]],
    code: 0,
    says: /hello from upstream/,
    asked: 1,
    attempts: 2,
  },
  {
    what: "a stream that breaks off once",
    answers: [[sse(happyEvents("x").slice(0, 2), { then: "cut" })], [GOOD]],
    code: 0,
    says: /hello from upstream/,
    asked: 2,
    attempts: 2,
  },
];

testWithCodex("what Codex does with what the proxy answers", async (t) => {
  await using upstream = await startFakeUpstream();
  // Each request takes its turn, so that a second one of Codex's meets the next key.
  await using home = await Home.make({
    CLIPROXY_MANAGEMENT_KEY: MANAGEMENT_KEY,
    CLIPROXY_UPSTREAM: upstream.url,
    CLIPROXY_ROTATION: "request",
    CLIPROXY_WEBSOCKET: "off",
  });
  const service = await Service.start(home);
  const env = await codexEnv(home);
  for (const [number, reaction] of REACTIONS.entries()) {
    const { what, answers, code, says, asked, attempts } = reaction;
    await t.step(`Codex in front of ${what}`, async () => {
      const tokens = answers.map((_, at) => `token-${number}-${at}`);
      for (const [at, replies] of answers.entries()) upstream.forToken(tokens[at]!, replies);
      const files = tokens.map((token, at) => [`${"ab"[at]}${number}.json`, token]);
      await replaceKeys(home, service, Object.fromEntries(files));
      const before = upstream.requests.length;
      const traced = (await service.attempts()).at(-1)?.id ?? 0;
      const args = ["codex", "--", "exec", "--skip-git-repo-check", ...QUIET, "say hi"];
      const finished = await home.run(args, { env, deadlineMs: 60_000 });
      assert.equal(finished.code, code, finished.stderr);
      assert.match(finished.stdout + finished.stderr, says);
      const rows = await service.attempts(traced);
      assert.equal(new Set(rows.map(({ request_id }) => request_id)).size, asked);
      assert.equal(upstream.requests.length - before, attempts);
    });
  }
});

/** Encrypts reasoning for its account, and reads no other account's. */
function withReasoning({ token, body }: UpstreamRequest): Answer {
  const owners = new TextDecoder().decode(body).matchAll(/"encrypted_content":"for (token-\d)/g);
  if ([...owners].some(([, owner]) => owner !== token)) {
    return json(400, { error: { code: "invalid_encrypted_content", message: "could not be verified" } });
  }
  const [created, ...rest] = happyEvents(`hello from ${token}`);
  const item = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: `for ${token}` };
  return sse([created!, { type: "response.output_item.done", output_index: 0, item }, ...rest]);
}

testWithCodex("Codex resumes a session with the key that can read it, after a restart", async () => {
  await using upstream = await startFakeUpstream();
  await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url, CLIPROXY_WEBSOCKET: "off" });
  upstream.reply({ method: "POST" }, withReasoning);
  for (const at of [0, 1, 2]) await home.addKey(`${at}.json`, `token-${at}`);
  const env = await codexEnv(home);
  const exec = async (...args: string[]) => {
    const line = ["codex", "--", "exec", ...args.slice(0, -1), "--skip-git-repo-check", ...QUIET];
    const finished = await home.run([...line, args.at(-1)!], { env, deadlineMs: 60_000 });
    assert.equal(finished.code, 0, finished.stderr);
    return /session id: (\S+)/.exec(finished.stderr)?.[1] ?? "";
  };
  const session = await exec("say hi");
  await home.run(["stop"]);
  await exec("resume", session, "say it again");
  assert.deepEqual(upstream.requests.map(({ token }) => token), ["token-0", "token-0"]);
  assert.match(new TextDecoder().decode(upstream.requests[1]!.body), /"encrypted_content":"for token-0"/);
});
