import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "smol-toml";
import { routed, strayProfiles, unrouted } from "../../../src/cli/setup/config_toml.ts";

const WANTED = {
  model_provider: "openai",
  openai_base_url: "http://127.0.0.1:8317/backend-api/codex",
  chatgpt_base_url: "http://localhost:8317/backend-api",
};
const WITH_FEATURE = { ...WANTED, "features.enable_request_compression": false };
const OWN_PROVIDER = {
  model_provider: "cdx2",
  "model_providers.cdx2.name": "OpenAI",
  "model_providers.cdx2.base_url": "http://127.0.0.1:8317/backend-api/codex",
  "model_providers.cdx2.supports_websockets": true,
};

function editOf(text: string | undefined, wanted: Parameters<typeof routed>[1] = WANTED, replace = false) {
  const edit = routed(text, wanted, { replace });
  assert.equal(edit.kind, "edited", JSON.stringify(edit));
  return edit as Extract<typeof edit, { kind: "edited" }>;
}

Deno.test("routed() adds marked lines at the top, before the first table", () => {
  const before = '# mine\nmodel = "gpt-x"\n\n[projects."/a"]\ntrust_level = "trusted"\n';
  assert.equal(
    editOf(before).text,
    'model_provider = "openai" # set by cdx2 setup codex\n' +
      'openai_base_url = "http://127.0.0.1:8317/backend-api/codex" # set by cdx2 setup codex\n' +
      'chatgpt_base_url = "http://localhost:8317/backend-api" # set by cdx2 setup codex\n' +
      before,
  );
});

/** Files as people have them. */
const FILES: readonly (readonly [what: string, text: string])[] = [
  ["nothing", ""],
  ["a comment without a line end", "# mine"],
  ["a key without a line end", "model = 'x'"],
  ["Windows line ends", "model = 'x'\r\n[tui]\r\nnotifications = true\r\n"],
  ["a table at the end without a line end", "[features]"],
  ["the table of a setting", "[features]\nweb_search = true\n"],
  ["the table of providers", '[model_providers]\n[model_providers.lab]\nname = "lab"\n'],
  ["another provider", '[model_providers.lab]\nname = "lab"\n'],
  ["dotted keys", "features.web_search = true\nmodel_providers.lab.name = 'lab'\n"],
  ["a text that looks like a setting", 'notes = """\nopenai_base_url = "x"\n[features]\n"""\n'],
  ["blank lines around", "\n\n\nmodel = 'x'\n\n\n"],
  [
    "dates, big numbers and arrays of tables",
    "a = 2026-01-02\nb = 9223372036854775807\n[[c]]\nd = [1,\n2]\n",
  ],
];

for (const [what, text] of FILES) {
  for (const [how, wanted] of Object.entries({ WANTED, WITH_FEATURE, OWN_PROVIDER })) {
    Deno.test(`routed() of ${what} sets ${how}, changes nothing else and can be undone exactly`, () => {
      const edit = editOf(text, wanted);
      const found = parse(edit.text, { integersAsBigInt: "asNeeded" });
      for (const [name, value] of Object.entries(wanted)) {
        // deno-lint-ignore no-explicit-any -- a path into any table
        assert.equal(name.split(".").reduce<any>((at, part) => at?.[part], found), value, name);
      }
      assert.equal(unrouted(edit.text), text);
    });
    Deno.test(`routed() of ${what} with ${how} does the same a second time`, () => {
      const once = editOf(text, wanted).text;
      assert.equal(editOf(once, wanted).text, once);
    });
  }
}

Deno.test("routed() moves its lines to another port", () => {
  const once = editOf("model = 'x'\n").text;
  const moved = { ...WANTED, openai_base_url: "http://127.0.0.1:9/backend-api/codex" };
  assert.equal(editOf(once, moved).text, once.replace("127.0.0.1:8317", "127.0.0.1:9"));
});

/** `[file, what is shown]` */
const FOREIGN: readonly (readonly [what: string, text: string, shown: string])[] = [
  ["bare", 'openai_base_url = "https://lab"\n', 'openai_base_url = "https://lab"'],
  ["in quotes", `"openai_base_url" = 'https://lab'\n`, 'openai_base_url = "https://lab"'],
  ["over lines", 'openai_base_url = """\nhttps://lab"""\n', 'openai_base_url = "https://lab"'],
  ["with a comment", "model_provider = 'azure' # ours\n", 'model_provider = "azure"'],
  [
    "in a table",
    "[features]\nenable_request_compression = true",
    "features.enable_request_compression = true",
  ],
  ["dotted", "features.enable_request_compression = true\n", "features.enable_request_compression = true"],
  [
    "after a text that looks like it",
    'a = """\nmodel_provider = 1\n"""\nmodel_provider = "b"\n',
    'model_provider = "b"',
  ],
];

for (const [how, text, shown] of FOREIGN) {
  Deno.test(`routed() leaves a setting of somebody else alone, written ${how}`, () => {
    assert.deepEqual(routed(text, WITH_FEATURE, { replace: false }), { kind: "foreign", settings: [shown] });
  });

  Deno.test(`routed() makes it a comment on demand and undoes that exactly, written ${how}`, () => {
    const edit = editOf(text, WITH_FEATURE, true);
    assert.notDeepEqual(edit.replaced, []);
    assert.equal(unrouted(edit.text), text);
    assert.equal(editOf(edit.text, WITH_FEATURE).text, edit.text, "replacing was agreed to once");
  });
}

Deno.test("routed() writes nothing for a setting that the user has already", () => {
  const edit = editOf('model_provider = "openai"\n');
  assert.deepEqual(edit.added.map((line) => line.split(" ")[0]), ["openai_base_url", "chatgpt_base_url"]);
});

Deno.test("routed() finds no place in a table that is written in braces", () => {
  assert.deepEqual(routed("features = { a = true }\n", WITH_FEATURE, { replace: true }), {
    kind: "no_place",
    setting: "features.enable_request_compression",
  });
});

Deno.test("routed() does not touch what it cannot read", () => {
  assert.equal(routed("model = \n", WANTED, { replace: true }).kind, "broken");
});

Deno.test("unrouted() keeps what Codex has written between our lines", () => {
  const lines = editOf("").text.split("\n");
  lines.splice(2, 0, 'model = "gpt-y"');
  assert.equal(unrouted(lines.join("\n")), 'model = "gpt-y"\n');
});

Deno.test("strayProfiles() names the profiles with a provider of their own", () => {
  const text = '[profiles.lab]\nmodel_provider = "lab"\n[profiles.fast]\nmodel = "m"\n';
  assert.deepEqual(strayProfiles(text), ["lab"]);
  assert.deepEqual(strayProfiles("profiles = 1"), []);
});

const LINES = fc.constantFrom(
  'model_provider = "azure"',
  "openai_base_url='u'",
  'chatgpt_base_url = """',
  '"""',
  "[features]",
  "[model_providers]",
  "[model_providers.cdx2]",
  "[model_providers . lab]",
  'name = "x" # note',
  "base_url = 'b'",
  "enable_request_compression = true",
  "features.web = true",
  "list = [",
  "]",
  "[[rows]]",
  "# comment",
  "",
  "  ",
  "when = 1979-05-27T07:32:00Z",
);

const TEXTS = fc.record({
  lines: fc.array(LINES, { maxLength: 12 }),
  end: fc.constantFrom("\n", "\r\n"),
  last: fc.boolean(),
}).map(({ lines, end, last }) => lines.join(end) + (last ? end : ""));

Deno.test("unrouted() after routed() gives the same bytes for any file", () => {
  let edits = 0;
  const wanted = fc.constantFrom(WANTED, WITH_FEATURE, OWN_PROVIDER);
  fc.assert(
    fc.property(TEXTS, wanted, fc.boolean(), (text, wanted, replace) => {
      const edit = routed(text, wanted, { replace });
      if (edit.kind !== "edited") return;
      edits++;
      assert.equal(unrouted(edit.text), text);
      assert.equal(unrouted(text), text);
    }),
    { numRuns: 1500 },
  );
  assert.ok(edits > 100, `only ${edits}`);
});
