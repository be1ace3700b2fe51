import assert from "node:assert/strict";
import { avoidedWords } from "../../../scripts/house/words.ts";

function found(text: string): string[] {
  return avoidedWords([{ path: "src/auth/a.ts", text }]).map(({ line, says }) => `${line} ${says}`);
}

const BEHIND = 'says "behind": write after';

const CASES: readonly { name: string; text: string; expected: readonly string[] }[] = [
  {
    name: "finds words in comments, strings and names, in any case",
    text: '// Mostly harmless.\nconst s = "it hears of it";\nfunction behind() {}\n',
    expected: [
      '1 says "Mostly": write usually',
      '2 says "hears": write is called with, learns, sees',
      `3 ${BEHIND}`,
    ],
  },
  {
    name: "finds a phrase over the end of a line, of a comment and of a string",
    text: "/**\n * What an account comes\n * to for a\n * person.\n */\n" +
      '// It owned\n// up.\nconst s = "it is " +\n  "no key";\nIn\nwords.\n',
    expected: [
      '2 says "comes * to": write is, results in',
      '3 says "a * person": write the user',
      '6 says "owned // up": write reports',
      '8 says "is " + "no": write is not a, there is no',
      '10 says "In words": write as text, says',
    ],
  },
  {
    name: "leaves parts of other words and ordinary uses alone",
    text:
      "shears, amend, canew. There is no key. It is no longer there. He stands in for her. A personal key.\n",
    expected: [],
  },
  {
    name: "leaves the allowed uses alone, and only those",
    text: "It leaves nothing behind. It is 3s behind. A relay behind a company proxy.\nthe rest behind it\n" +
      "{ mend: null }; account.mend; `mend`\nhe can mend it\n",
    expected: [`2 ${BEHIND}`, '4 says "mend": write fix'],
  },
];

for (const { name, text, expected } of CASES) {
  Deno.test(`avoidedWords() ${name}`, () => assert.deepEqual(found(text), expected));
}
