// The editor is judged by bytes: tables for what the user would see in the file, properties for files of any kind.

import assert from "node:assert/strict";
import fc from "fast-check";
import { setInEnvFile } from "../../src/config/env_file.ts";
import { readEnvFile } from "../../src/config/env_text.ts";
import { UserError } from "../../src/values/user_error.ts";
import { anyEnvText } from "../support/env_texts.ts";
import { fuzzRuns } from "../support/fuzz.ts";

const EDITS: readonly { title: string; before: string; after: string }[] = [
  { title: "starts an empty file", before: "", after: "PORT=8317\n" },
  { title: "appends to the last line", before: "# mine\nA=1\n", after: "# mine\nA=1\nPORT=8317\n" },
  { title: "keeps a missing last line end when it appends", before: "A=1", after: "A=1\nPORT=8317" },
  { title: "appends with the file's own line end", before: "A=1\r\n", after: "A=1\r\nPORT=8317\r\n" },
  { title: "keeps a missing last line end when it replaces", before: "PORT=1", after: "PORT=8317" },
  {
    title: "replaces between CRLF lines",
    before: "A=1\r\nPORT=1\r\nB=2\r\n",
    after: "A=1\r\nPORT=8317\r\nB=2\r\n",
  },
  {
    title: "keeps `export` and blanks",
    before: "  export PORT = 1  \n\n",
    after: "  export PORT = 8317  \n\n",
  },
  { title: "keeps the comment on the line", before: "PORT=1 # mine\n", after: "PORT=8317 # mine\n" },
  { title: "keeps a comment off the new value", before: "PORT=# none\n", after: "PORT=8317 # none\n" },
  { title: "keeps the kind of quotes", before: "PORT='1'#x\nA=1\n", after: "PORT='8317' #x\nA=1\n" },
  { title: "fills an empty assignment", before: "PORT=\nA=1\n", after: "PORT=8317\nA=1\n" },
  { title: "edits the last of two", before: "PORT=1\nPORT=2\n", after: "PORT=1\nPORT=8317\n" },
  { title: "knows a colon for an equals sign", before: "PORT: 1\n", after: "PORT: 8317\n" },
  { title: "leaves a commented assignment", before: "#PORT=1\n", after: "#PORT=1\nPORT=8317\n" },
  {
    title: "leaves longer names",
    before: "MY_PORT=1\nPORT_2=2\n",
    after: "MY_PORT=1\nPORT_2=2\nPORT=8317\n",
  },
  {
    title: "leaves what only looks like an assignment inside a quoted value",
    before: 'PORT=1\r\nKEY="begin\r\nPORT=2\r\nend"\r\n',
    after: 'PORT=8317\r\nKEY="begin\r\nPORT=2\r\nend"\r\n',
  },
  { title: "replaces a value of several lines", before: "PORT='1\n2'\nA=1\n", after: "PORT='8317'\nA=1\n" },
  { title: "goes before a line that would swallow it", before: "A=1\nNAME:", after: "PORT=8317\nA=1\nNAME:" },
];

for (const { title, before, after } of EDITS) {
  Deno.test(`setInEnvFile() ${title}`, () => assert.equal(setInEnvFile(before, "PORT", "8317"), after));
}

for (
  const [value, line] of [
    ["_k-9.x:/y", "KEY=_k-9.x:/y"],
    ["", "KEY=''"],
    ["two words", "KEY='two words'"],
    ["a#b", "KEY='a#b'"],
    ["it's", 'KEY="it\'s"'],
    [`"it's"`, 'KEY=`"it\'s"`'],
    ["C:\\new", "KEY='C:\\new'"],
  ] as const
) {
  Deno.test(`setInEnvFile() writes ${JSON.stringify(value)} as ${line}`, () => {
    assert.equal(setInEnvFile("", "KEY", value), `${line}\n`);
  });
}

Deno.test("setInEnvFile() refuses a value that no quotes can hold, without showing it", () => {
  const unwritable = "'\"`# secret";
  assert.throws(() => setInEnvFile("A=1\n", "KEY", unwritable), (error) => {
    assert(error instanceof UserError);
    assert.match(error.message, /^Cannot set KEY in the env file/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,7}$/).filter((text) => text !== "PORT");
const plain = fc.stringMatching(/^[\w.:/-]{1,12}$/);
const lineEnd = fc.constantFrom("\n", "\r\n");

/** Whole lines without their end, none of which assigns PORT; together they hold no quote that stays open. */
const foreignLines = fc.array(
  fc.oneof(
    fc.tuple(name, plain).map(([key, value]) => `${key}=${value}`),
    fc.tuple(name, plain).map(([key, value]) => `export ${key} = '${value}' # PORT=9`),
    fc.tuple(name, plain).map(([key, value]) => `${key}="${value}\nPORT=9\n"`),
    fc.constantFrom(
      "",
      "   ",
      "# PORT=9",
      "#",
      "just words",
      "=nameless",
      "PORTS=1",
      "-----",
      "<<<<<<< PORT",
    ),
  ),
  { maxLength: 6 },
);

Deno.test("setInEnvFile() changes no byte outside the value that it replaces", () => {
  const before = fc.constantFrom("PORT=", "export PORT=", "  PORT = ", "PORT: ");
  const after = fc.constantFrom("", "  ", " # PORT=9");
  fc.assert(fc.property(
    foreignLines,
    before,
    fc.constantFrom("1", "'a b'", '"a\nPORT=9"', "`x`"),
    after,
    foreignLines,
    lineEnd,
    (above, opening, value, closing, below, end) => {
      const spelled = (part: string) =>
        [...above, opening + part + closing, ...below].join("\n").replaceAll("\n", end);
      const quote = /['"`]/.exec(value)?.[0] ?? "";
      assert.equal(setInEnvFile(spelled(value), "PORT", "8317"), spelled(`${quote}8317${quote}`));
    },
  ));
});

Deno.test("setInEnvFile() keeps the whole text where it adds a line", () => {
  fc.assert(fc.property(foreignLines, lineEnd, fc.boolean(), (lines, end, isClosed) => {
    const text = [...lines, ...(isClosed ? [""] : [])].join("\n").replaceAll("\n", end);
    const edited = setInEnvFile(text, "PORT", "8317");
    assert(edited.startsWith(text));
    assert.match(edited.slice(text.length), /^(\r\n|\n)?PORT=8317(\r\n|\n)?$/);
  }));
});

Deno.test("setInEnvFile() reads back as meant in any file, all else unchanged", () => {
  fc.assert(
    fc.property(anyEnvText, plain, (text, value) => {
      const { PORT, ...others } = readEnvFile(setInEnvFile(text, "PORT", value));
      const { PORT: _before, ...othersBefore } = readEnvFile(text);
      assert.equal(PORT, value);
      assert.deepEqual(others, othersBefore);
    }),
    { numRuns: fuzzRuns() },
  );
});

Deno.test("setInEnvFile() reads back any value or refuses it", () => {
  fc.assert(
    fc.property(foreignLines, fc.string({ unit: "grapheme" }), (lines, value) => {
      const isWritable = !value.includes("\r") && !["'", '"', "`"].every((quote) => value.includes(quote));
      try {
        assert.equal(readEnvFile(setInEnvFile(lines.join("\n"), "PORT", value))["PORT"], value);
      } catch (error) {
        assert(error instanceof UserError && !isWritable, `refused ${JSON.stringify(value)}`);
      }
    }),
    { numRuns: fuzzRuns() },
  );
});

Deno.test("setInEnvFile() a second time gives the same text", () => {
  fc.assert(fc.property(anyEnvText, plain, (text, value) => {
    const once = setInEnvFile(text, "PORT", value);
    assert.equal(setInEnvFile(once, "PORT", value), once);
  }));
});
