// The real Codex CLI over WebSocket, in front of a pool whose first key reaches its quota in the middle of a turn.

import assert from "node:assert/strict";
import { happyEvents } from "../support/answers.ts";
import { chatGptLogin, codexEnv, QUIET, testWithCodex } from "../support/codex.ts";
import { FakeWsUpstream, type Script } from "../support/fake_ws_upstream.ts";
import { Home, jsonLines } from "../support/program.ts";

/** `[login, auth.json]` */
const LOGINS: [string, object | undefined][] = [
  ["without a login", undefined],
  ["with an API key", { auth_mode: "apikey", OPENAI_API_KEY: "sk-client-own" }],
  ["with a ChatGPT login", chatGptLogin()],
];

const QUOTA = { type: "error", status: 429, error: { type: "usage_limit_reached", resets_in_seconds: 3600 } };

function toolCall(): readonly unknown[] {
  const response = { id: "resp_tool", object: "response", model: "m", created_at: 1_800_000_000 };
  const input = 'const r = await tools.exec_command({cmd: "echo hi"}); text(r);';
  const item = {
    type: "custom_tool_call",
    id: "ctc_1",
    status: "completed",
    call_id: "call_1",
    name: "exec",
    input,
  };
  return [
    { type: "response.created", response: { ...response, status: "in_progress" } },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { ...response, status: "completed", output: [item] } },
  ];
}

/** Answers a prewarm with nothing, and the calls after it in this order. */
function answering(...answers: readonly (readonly unknown[])[]): Script {
  let calls = 0;
  return (socket, message) => {
    const warm = { id: "resp_warm", object: "response", status: "completed", output: [] };
    if (message.generate === false) return socket.send({ type: "response.completed", response: warm });
    socket.send(...answers[Math.min(calls++, answers.length - 1)]!);
  };
}

for (const [how, login] of LOGINS) {
  testWithCodex(`Codex ${how} changes keys in the middle of a turn, unseen`, async () => {
    await using upstream = new FakeWsUpstream();
    await using home = await Home.make({ CLIPROXY_UPSTREAM: upstream.url });
    for (const name of ["a", "b"]) await home.addKey(`${name}.json`, `token-${name}`);
    // With a login Codex asks for the models first, so that either may be the first to be asked.
    const first = answering(toolCall(), [QUOTA]);
    const second = answering(happyEvents("hello from the other"));
    for (const name of ["a", "b"]) {
      upstream.script(`token-${name}`, (socket, ...about) => {
        const script = socket === upstream.sockets[0] ? first : second;
        script(socket, ...about);
      });
    }
    const { code, stdout, stderr } = await home.run(
      ["codex", "--", "exec", "--skip-git-repo-check", ...QUIET, "say hi"],
      { env: await codexEnv(home, login), deadlineMs: 60_000 },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /hello from the other/);
    assert.doesNotMatch(stderr, /Reconnecting|Falling back|usage limit/i);
    const [from, to] = upstream.sockets;
    assert.equal(upstream.sockets.length, 2);
    const calls = from!.messages.filter(({ generate }) => generate !== false);
    assert.equal(calls[1].previous_response_id, "resp_tool");
    assert.equal(to!.messages[0].previous_response_id, undefined);
    assert.ok(to!.messages[0].input.length > calls[1].input.length, "everything is sent again");
    const { stdout: trace } = await home.run(["trace", "--json"]);
    const rows = jsonLines(trace).filter(({ route }) => route === "request");
    assert.deepEqual(
      rows.filter(({ prewarm }) => !prewarm).map(({ status, transport }) => [status, transport]),
      [[200, "ws"], [429, "ws"], [200, "ws"]],
    );
  });
}
