import assert from "node:assert/strict";
import type { Chat } from "../../../src/cli/codex/chats.ts";
import {
  chatNotes,
  namesOtherProvider,
  type ProviderFacts,
  providerFor,
} from "../../../src/cli/codex/provider.ts";
import type { CodexTask } from "../../../src/cli/codex/task.ts";

const ID = "01a21612-9013-7310-b034-837b8e51a63e";
const SCREEN = { onScreen: true } as const;
const ONCE = { onScreen: false } as const;

function aChat(provider: string): Chat {
  return { id: ID, provider, isOfSubAgent: false };
}

const FACTS: ProviderFacts = { isLoggedIn: true, hasOtherDefault: false, chat: undefined };
const LOGGED_OUT = { isLoggedIn: false };
const OTHER = { hasOtherDefault: true };

const PROVIDERS: [what: string, CodexTask, Partial<ProviderFacts>, string | undefined][] = [
  ["a new chat on the screen", { kind: "begin", ...SCREEN }, {}, undefined],
  ["… without a login", { kind: "begin", ...SCREEN }, LOGGED_OUT, "cdx2"],
  ["… with another provider in the settings", { kind: "begin", ...SCREEN }, OTHER, "openai"],
  ["… with another, and no login", { kind: "begin", ...SCREEN }, { ...OTHER, ...LOGGED_OUT }, "cdx2"],
  ["exec", { kind: "begin", ...ONCE }, {}, "openai"],
  ["exec without a login", { kind: "begin", ...ONCE }, LOGGED_OUT, "cdx2"],
  ["the list of chats", { kind: "choose", ...SCREEN }, {}, undefined],
  ["… without a login", { kind: "choose", ...SCREEN }, LOGGED_OUT, "cdx2"],
  ["… with another provider in the settings", { kind: "choose", ...SCREEN }, OTHER, "openai"],
  ["exec resume --last", { kind: "choose", ...ONCE }, {}, "openai"],
  ["exec resume --last without a login", { kind: "choose", ...ONCE }, LOGGED_OUT, "cdx2"],
  ...["openai", "cdx2", "lab"].flatMap((provider): [string, CodexTask, Partial<ProviderFacts>, string][] => [
    [`a chat of ${provider}`, { kind: "reopen", ...SCREEN, chat: ID }, { chat: aChat(provider) }, provider],
    ["… without a login", { kind: "reopen", ...SCREEN, chat: ID }, {
      chat: aChat(provider),
      ...LOGGED_OUT,
    }, provider],
    ["… by exec", { kind: "reopen", ...ONCE, chat: ID }, { chat: aChat(provider), ...OTHER }, provider],
  ]),
  ["a chat that is not known", { kind: "reopen", ...SCREEN, chat: ID }, {}, undefined],
  ["… without a login", { kind: "reopen", ...SCREEN, chat: ID }, LOGGED_OUT, "cdx2"],
  ["… by exec", { kind: "reopen", ...ONCE, chat: ID }, {}, "openai"],
];

Deno.test("providerFor() names the chat's provider, and none where a chat is to be chosen", () => {
  for (const [what, task, facts, expected] of PROVIDERS) {
    assert.equal(providerFor(task, { ...FACTS, ...facts }), expected, what);
  }
});

const NOTHING = { isLoggedIn: true, chat: undefined, another: undefined };

const NOTES: [what: string, CodexTask, Partial<typeof NOTHING | object>, RegExp | undefined][] = [
  ["nothing is missing", { kind: "choose", ...SCREEN }, {}, undefined],
  [
    "exec --last passes over chats without a login",
    { kind: "choose", ...ONCE },
    { another: aChat("cdx2") },
    new RegExp(`^chats that began without a login do not .* by: cdx2 codex exec resume ${ID} "go on"$`),
  ],
  [
    "the list, without a login",
    { kind: "choose", ...SCREEN },
    { another: aChat("openai"), isLoggedIn: false },
    new RegExp(`^chats that began with a login do not .* by: cdx2 codex exec resume ${ID} "go on"$`),
  ],
  [
    "the list, with another provider in the settings",
    { kind: "choose", ...SCREEN },
    { another: aChat("cdx2") },
    new RegExp(`by: cdx2 codex resume ${ID}$`),
  ],
  [
    "chats of a provider of the user's own",
    { kind: "choose", ...ONCE },
    { another: aChat("lab") },
    /of the provider lab/,
  ],
  ["its own chat", { kind: "reopen", ...SCREEN, chat: ID }, { chat: aChat("cdx2") }, undefined],
  [
    "a chat that wants a login",
    { kind: "reopen", ...SCREEN, chat: ID },
    { chat: aChat("openai"), isLoggedIn: false },
    new RegExp(`began with a login: log in, or go on by: cdx2 codex exec resume ${ID} `),
  ],
  [
    "exec, which wants no login",
    { kind: "reopen", ...ONCE, chat: ID },
    { chat: aChat("openai"), isLoggedIn: false },
    undefined,
  ],
  [
    "a provider of the user's own",
    { kind: "reopen", ...ONCE, chat: ID },
    { chat: aChat("lab") },
    /belongs to the provider lab: its requests go where config\.toml leads them/,
  ],
];

Deno.test("chatNotes() says which chats do not open, and the command that opens one", () => {
  for (const [what, task, facts, expected] of NOTES) {
    const notes = chatNotes(task, { ...NOTHING, ...facts });
    assert.equal(notes.length, expected ? 1 : 0, what);
    if (expected) assert.match(notes[0]!, expected, what);
  }
});

const CONFIGS: [text: string, namesOther: boolean][] = [
  ["", false],
  ['model_provider = "openai"', false],
  ['model_provider = "cdx2" # set by cdx2 setup codex', false],
  ["[model_providers.lab]\nname = 'lab'", false],
  ['# model_provider = "lab"', false],
  ['model = "m"\nmodel_provider = "lab"', true],
  ["\"model_provider\"='lab'", true],
  ['[profiles.x]\n  model_provider = "openai-eu"', true],
];

Deno.test("namesOtherProvider() looks at the top and at profiles", () => {
  for (const [text, expected] of CONFIGS) assert.equal(namesOtherProvider(text), expected, text);
});
