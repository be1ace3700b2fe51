import assert from "node:assert/strict";
import { codexArguments, type CodexRoute } from "../../../src/cli/codex/args.ts";

const ROUTE: CodexRoute = {
  baseUrl: "http://127.0.0.1:8317",
  pinned: undefined,
  isChatGptUpstream: true,
  hasOwnUpstreams: false,
  relaysWebSockets: true,
  isLoggedIn: true,
  keyVariable: undefined,
};

function ownProvider(baseUrl: string, name = "OpenAI"): string[] {
  return [
    `model_providers.cdx2.name="${name}"`,
    `model_providers.cdx2.base_url="${baseUrl}"`,
    'model_providers.cdx2.wire_api="responses"',
    "model_providers.cdx2.supports_websockets=true",
  ];
}

const ROUTES: { who: string; route: Partial<CodexRoute>; overrides: string[] }[] = [
  {
    who: "a login, on two origins",
    route: {},
    overrides: [
      'openai_base_url="http://127.0.0.1:8317/backend-api/codex"',
      'chatgpt_base_url="http://localhost:8317/backend-api"',
      ...ownProvider("http://127.0.0.1:8317/backend-api/codex"),
    ],
  },
  {
    who: "a login and a key with an upstream of its own",
    route: { hasOwnUpstreams: true },
    overrides: [
      "features.enable_request_compression=false",
      'openai_base_url="http://127.0.0.1:8317/backend-api/codex"',
      'chatgpt_base_url="http://localhost:8317/backend-api"',
      ...ownProvider("http://127.0.0.1:8317/backend-api/codex"),
    ],
  },
  {
    who: "a login and one key",
    route: { pinned: "my key.json" },
    overrides: [
      'openai_base_url="http://127.0.0.1:8317/cdx2-key/my%20key.json/backend-api/codex"',
      'chatgpt_base_url="http://localhost:8317/cdx2-key/my%20key.json/backend-api"',
      ...ownProvider("http://127.0.0.1:8317/cdx2-key/my%20key.json/backend-api/codex"),
    ],
  },
  {
    who: "a login and a proxy called localhost",
    route: { baseUrl: "http://localhost:8317" },
    overrides: [
      'openai_base_url="http://localhost:8317/backend-api/codex"',
      'chatgpt_base_url="http://127.0.0.1:8317/backend-api"',
      ...ownProvider("http://localhost:8317/backend-api/codex"),
    ],
  },
  {
    who: "a login and a proxy on IPv6",
    route: { baseUrl: "http://[::1]:8317" },
    overrides: [
      'openai_base_url="http://[::1]:8317/backend-api/codex"',
      'chatgpt_base_url="http://localhost:8317/backend-api"',
      ...ownProvider("http://[::1]:8317/backend-api/codex"),
    ],
  },
  {
    who: "a login and a proxy with one name only",
    route: { baseUrl: "http://192.0.2.7:8317" },
    overrides: [
      'openai_base_url="http://192.0.2.7:8317/backend-api/codex"',
      ...ownProvider("http://192.0.2.7:8317/backend-api/codex"),
    ],
  },
  {
    who: "a login and another upstream",
    route: { isChatGptUpstream: false },
    overrides: [
      "features.enable_request_compression=false",
      'openai_base_url="http://127.0.0.1:8317"',
      ...ownProvider("http://127.0.0.1:8317", "cdx2"),
    ],
  },
  {
    who: "no login",
    route: { isLoggedIn: false },
    overrides: [
      'openai_base_url="http://127.0.0.1:8317/backend-api/codex"',
      ...ownProvider("http://127.0.0.1:8317/backend-api/codex"),
    ],
  },
  {
    who: "no login and another upstream",
    route: { isLoggedIn: false, isChatGptUpstream: false },
    overrides: [
      "features.enable_request_compression=false",
      'openai_base_url="http://127.0.0.1:8317"',
      ...ownProvider("http://127.0.0.1:8317", "cdx2"),
    ],
  },
  {
    who: "the key of a client in its environment, and a gateway without WebSockets",
    route: {
      isLoggedIn: false,
      keyVariable: "CLIPROXY_CLIENT_KEY",
      baseUrl: "https://gateway.example",
      relaysWebSockets: false,
    },
    overrides: [
      'model_providers.cdx2.name="OpenAI"',
      'model_providers.cdx2.base_url="https://gateway.example/backend-api/codex"',
      'model_providers.cdx2.wire_api="responses"',
      'model_providers.cdx2.env_key="CLIPROXY_CLIENT_KEY"',
      "model_providers.cdx2.supports_websockets=false",
    ],
  },
];

for (const { who, route, overrides } of ROUTES) {
  Deno.test(`codexArguments() routes Codex with ${who}`, () => {
    assert.deepEqual(
      codexArguments({ ...ROUTE, ...route }, undefined, []),
      overrides.flatMap((override) => ["-c", override]),
    );
  });
}

Deno.test("codexArguments() puts the user's arguments after its own, so that the user's win", () => {
  const theirs = ["-c", 'openai_base_url="http://elsewhere"', "exec", "--", "-c"];
  assert.deepEqual(codexArguments(ROUTE, undefined, theirs).slice(-theirs.length), theirs);
});

Deno.test("codexArguments() names the provider that it is given", () => {
  const args = codexArguments(ROUTE, "lab", []);
  assert.deepEqual(args.filter((arg) => arg.startsWith("model_provider=")), ['model_provider="lab"']);
});
