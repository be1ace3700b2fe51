import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clientEnvironment,
  dialectFor,
  dialectOf,
  type ProxyEndpoint,
  renderEnvironment,
} from "../../src/cli/client_env.ts";
import { testWith } from "../support/installed.ts";

const ENDPOINT: ProxyEndpoint = {
  baseUrl: "http://127.0.0.1:8317",
  host: "0.0.0.0",
  port: 8317,
  authDir: "/home/ann/my keys",
  envFile: "/home/ann/my keys/.env",
};

Deno.test("clientEnvironment() points to the proxy without its management key", () => {
  assert.deepEqual(clientEnvironment(ENDPOINT, { CLIPROXY_MANAGEMENT_KEY: "secret" }), {
    OPENAI_BASE_URL: "http://127.0.0.1:8317",
    OPENAI_API_BASE: "http://127.0.0.1:8317",
    OPENAI_API_KEY: "cdx2-local",
    CLIPROXY_AUTH_DIR: "/home/ann/my keys",
    CLIPROXY_ENV_FILE: "/home/ann/my keys/.env",
    CLIPROXY_HOST: "0.0.0.0",
    CLIPROXY_PORT: "8317",
    NO_PROXY: "127.0.0.1,localhost",
    no_proxy: "127.0.0.1,localhost",
  });
});

Deno.test("clientEnvironment() leaves a key that the user has, and replaces an empty one", () => {
  assert.equal(clientEnvironment(ENDPOINT, { OPENAI_API_KEY: "mine" })["OPENAI_API_KEY"], undefined);
  assert.equal(clientEnvironment(ENDPOINT, { OPENAI_API_KEY: "" })["OPENAI_API_KEY"], "cdx2-local");
});

const SHELLS: [shell: string, dialect: string][] = [
  ["/bin/bash", "sh"],
  ["/usr/bin/zsh", "sh"],
  ["dash", "sh"],
  ["/opt/homebrew/bin/fish", "fish"],
  ["pwsh", "powershell"],
  ["json", "json"],
  ["/bin/nu", "sh"],
  ["constructor", "sh"],
  ["", "sh"],
];

for (const [shell, dialect] of SHELLS) {
  Deno.test(`dialectOf() maps ${JSON.stringify(shell)} to ${dialect}`, () => {
    assert.equal(dialectOf(shell), dialect);
  });
}

Deno.test("renderEnvironment() quotes for PowerShell, typographic quotes included", () => {
  const text = renderEnvironment({ A: "it's $HOME `x`", B: "‘a’ “b”" }, "powershell");
  assert.equal(text, "$env:A = 'it''s $HOME `x`'\n$env:B = '‘‘a’’ “b”'\n");
});

Deno.test("dialectFor() takes the shell that is named, else one that both fish and bash understand under fish", () => {
  assert.equal(dialectFor("fish", { SHELL: "/bin/bash" }), "fish");
  assert.equal(dialectFor(undefined, { SHELL: "/bin/bash" }), "sh");
  assert.equal(dialectFor(undefined, { SHELL: "/usr/bin/fish" }), "fish_or_sh");
  assert.equal(dialectFor(undefined, {}), "sh");
});

Deno.test("renderEnvironment() writes lines that bash reads too where $SHELL is fish", async () => {
  const variables = { A: "http://127.0.0.1:8317", B: "/a folder/$x" };
  const text = renderEnvironment(variables, "fish_or_sh");
  assert.equal(text, "export A='http://127.0.0.1:8317';\nexport B='/a folder/$x';\n");
  const output = await outputOf(["sh", "-c", 'eval "$(cat)"; printf "%s|%s" "$A" "$B"'], text);
  assert.equal(output, `${variables.A}|${variables.B}`);
  assert.match(renderEnvironment({ C: "it's" }, "fish_or_sh"), /^set -gx C /);
});

Deno.test("renderEnvironment() writes one JSON object", () => {
  const variables = { A: 'quote " and\nline end', B: "" };
  assert.deepEqual(JSON.parse(renderEnvironment(variables, "json")), variables);
});

// No environment can hold a NUL, and no byte stream a lone surrogate.
const anyValue = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(..."'\"\\$`!#~*?;&|(){}<>\n\r\t =%^é🟢‘") }),
  fc.constantFrom("$(exit 1)", "`exit 1`", "${HOME}", "~/keys", "a'b", "'", "\\", "\n", "-n", "!!", "=ls"),
).filter((value) => !value.includes("\0"));

const READERS = {
  sh: ["sh", "-c", 'eval "$(cat)"; '],
  dash: ["dash", "-c", 'eval "$(cat)"; '],
  bash: ["bash", "-c", 'eval "$(cat)"; '],
  zsh: ["zsh", "-f", "-c", 'eval "$(cat)"; '],
  fish: ["fish", "--no-config", "-c", "cat | source; "],
} as const;

for (const [shell, command] of Object.entries(READERS)) {
  testWith(shell, `renderEnvironment() makes ${shell} set exactly the given values`, () =>
    fc.assert(
      fc.asyncProperty(fc.array(anyValue, { minLength: 40, maxLength: 80 }), async (values) => {
        const variables = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
        const text = renderEnvironment(variables, dialectOf(shell));
        const show = values.map((_, index) => `printf '%s\\0' "$V${index}"`).join("; ");
        const output = await outputOf([...command.slice(0, -1), command.at(-1) + show], text);
        assert.deepEqual(output.split("\0").slice(0, -1), values);
      }),
      { numRuns: 6 },
    ));
}

async function outputOf([command, ...args]: readonly string[], input: string): Promise<string> {
  const env = { LC_ALL: "C.UTF-8" };
  const child = new Deno.Command(command!, { args, env, stdin: "piped", stdout: "piped" }).spawn();
  const writing = new Response(input).body!.pipeTo(child.stdin);
  const { stdout } = await child.output();
  await writing;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout);
}
