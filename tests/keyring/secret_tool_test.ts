import assert from "node:assert/strict";
import { KeyringError } from "../../src/keyring/items.ts";
import { secretToolItems } from "../../src/keyring/secret_tool.ts";
import type { RunTool } from "../../src/system/tool.ts";

interface Said {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** `secret-tool` with these answers by verb; the command lines that were run. */
function tool(answers: Readonly<Record<string, Said>>) {
  const lines: string[] = [];
  const runTool: RunTool = (command, args, { stdin }) => {
    lines.push([command, ...args].join(" ") + (stdin === "" ? "" : ` < ${stdin}`));
    const { code = 0, stdout = "", stderr = "" } = answers[args[0]!] ?? { code: 1 };
    return Promise.resolve({ kind: "exited", code, stdout, stderr });
  };
  return { items: secretToolItems({ runTool, timeoutMs: 1000 }), lines };
}

// As secret-tool 0.20.5 prints them.
const FOUND = { stdout: "[/1]\nlabel = \ncreated = \n", stderr: "attribute.gkr:compat:hashed:key = 9001\n" };
const NO_SERVICE = "secret-tool: The name org.freedesktop.secrets was not provided by any .service files";

Deno.test("secretToolItems() passes the secret through standard input alone", async () => {
  const { items, lines } = tool({ store: {}, lookup: { stdout: "text" } });
  await items.write("name", "text");
  assert.deepEqual(lines, [
    "secret-tool store --label cdx2 key name service cdx2 key name < text",
    "secret-tool lookup service cdx2 key name",
  ]);
});

Deno.test("secretToolItems() tells an item that is not there from a locked keyring", async () => {
  assert.equal(await tool({}).items.read("name"), undefined);
  await assert.rejects(tool({ lookup: { code: 1 }, search: FOUND }).items.read("name"), {
    name: "KeyringError",
    message: "the keyring is locked",
  });
});

/** `[what happens, the answers of the tool, what is done, the message]` */
const FAILURES: [string, Record<string, Said>, "read" | "write" | "remove", RegExp][] = [
  [
    "there is no keyring",
    { lookup: { code: 1, stderr: NO_SERVICE } },
    "read",
    /^there is no keyring in this session/,
  ],
  [
    "there is no D-Bus",
    { lookup: { code: 1, stderr: "secret-tool: The given address is empty" } },
    "read",
    /^there is no keyring in this session/,
  ],
  [
    "storing in a locked keyring",
    { store: { code: 1, stderr: "secret-tool: Cannot create an item in a locked collection" } },
    "write",
    /^the keyring is locked$/,
  ],
  ["only a part was kept", { store: {}, lookup: { stdout: "te" } }, "write", /did not keep what was stored/],
  ["nothing was removed", { clear: {}, search: FOUND }, "remove", /^the keyring is locked$/],
  ["something else", { lookup: { code: 4, stderr: "boom\n" } }, "read", /^secret-tool failed: boom$/],
  ["a silent failure", { store: { code: 7 } }, "write", /^secret-tool failed: exit code 7$/],
];

for (const [what, answers, verb, message] of FAILURES) {
  Deno.test(`secretToolItems() says so when ${what}`, async () => {
    const { items } = tool(answers);
    const error = await items[verb]("name", "text").catch((error: unknown) => error);
    assert.ok(error instanceof KeyringError, String(error));
    assert.match(error.message, message);
  });
}

Deno.test("secretToolItems() removes what is not there, too", async () => {
  await tool({ clear: { code: 1 } }).items.remove("name");
});
