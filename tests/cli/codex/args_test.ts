import assert from "node:assert/strict";
import { asksModel, codexArguments, type CodexRoute } from "../../../src/cli/codex/args.ts";

const ROUTE: CodexRoute = {
  baseUrl: "http://127.0.0.1:8317",
  pinned: undefined,
  isChatGptUpstream: true,
  hasOwnUpstreams: false,
  isLoggedIn: true,
};

const ROUTES: { who: string; route: Partial<CodexRoute>; overrides: string[] }[] = [
  {
    who: "a login, on two origins",
    route: {},
    overrides: [
      'model_provider="openai"',
      'openai_base_url="http://127.0.0.1:8317/backend-api/codex"',
      'chatgpt_base_url="http://localhost:8317/backend-api"',
    ],
  },
  {
    who: "a login and a key with an upstream of its own",
    route: { hasOwnUpstreams: true },
    overrides: [
      "features.enable_request_compression=false",
      'model_provider="openai"',
      'openai_base_url="http://127.0.0.1:8317/backend-api/codex"',
      'chatgpt_base_url="http://localhost:8317/backend-api"',
    ],
  },
  {
    who: "a login and one key",
    route: { pinned: "my key.json" },
    overrides: [
      'model_provider="openai"',
      'openai_base_url="http://127.0.0.1:8317/cdx2-key/my%20key.json/backend-api/codex"',
      'chatgpt_base_url="http://localhost:8317/cdx2-key/my%20key.json/backend-api"',
    ],
  },
  {
    who: "a login and a proxy called localhost",
    route: { baseUrl: "http://localhost:8317" },
    overrides: [
      'model_provider="openai"',
      'openai_base_url="http://localhost:8317/backend-api/codex"',
      'chatgpt_base_url="http://127.0.0.1:8317/backend-api"',
    ],
  },
  {
    who: "a login and a proxy on IPv6",
    route: { baseUrl: "http://[::1]:8317" },
    overrides: [
      'model_provider="openai"',
      'openai_base_url="http://[::1]:8317/backend-api/codex"',
      'chatgpt_base_url="http://localhost:8317/backend-api"',
    ],
  },
  {
    who: "a login and a proxy with one name only",
    route: { baseUrl: "http://192.0.2.7:8317" },
    overrides: [
      'model_provider="openai"',
      'openai_base_url="http://192.0.2.7:8317/backend-api/codex"',
    ],
  },
  {
    who: "a login and another upstream",
    route: { isChatGptUpstream: false },
    overrides: [
      "features.enable_request_compression=false",
      'model_provider="openai"',
      'openai_base_url="http://127.0.0.1:8317"',
    ],
  },
  {
    who: "no login",
    route: { isLoggedIn: false },
    overrides: [
      'model_provider="cdx2"',
      'model_providers.cdx2.name="OpenAI"',
      'model_providers.cdx2.base_url="http://127.0.0.1:8317/backend-api/codex"',
      'model_providers.cdx2.wire_api="responses"',
      "model_providers.cdx2.supports_websockets=true",
    ],
  },
  {
    who: "no login and another upstream",
    route: { isLoggedIn: false, isChatGptUpstream: false },
    overrides: [
      'model_provider="cdx2"',
      'model_providers.cdx2.name="cdx2"',
      'model_providers.cdx2.base_url="http://127.0.0.1:8317"',
      'model_providers.cdx2.wire_api="responses"',
      "model_providers.cdx2.supports_websockets=true",
    ],
  },
];

for (const { who, route, overrides } of ROUTES) {
  Deno.test(`codexArguments() routes Codex with ${who}`, () => {
    assert.deepEqual(
      codexArguments({ ...ROUTE, ...route }, []),
      overrides.flatMap((override) => ["-c", override]),
    );
  });
}

Deno.test("codexArguments() puts the user's arguments after its own, so that the user's win", () => {
  const theirs = ["-c", 'openai_base_url="http://elsewhere"', "exec", "--", "-c"];
  assert.deepEqual(codexArguments(ROUTE, theirs).slice(-theirs.length), theirs);
});

const COMMAND_LINES: [line: string, asks: boolean][] = [
  ["", true],
  ["exec hello", true],
  ["exec resume --last", true],
  ["resume", true],
  ["-m gpt-x exec login", true],
  ["fix the login", true],
  ["login", false],
  ["login --with-api-key", false],
  ["logout", false],
  ["mcp list", false],
  ["--version", false],
  ["help exec", false],
];

for (const [line, expected] of COMMAND_LINES) {
  Deno.test(`asksModel() says ${expected} of "codex ${line}"`, () => {
    assert.equal(asksModel(line.split(" ").filter((word) => word !== "")), expected);
  });
}
