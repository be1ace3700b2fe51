import assert from "node:assert/strict";
import { optionalCommand, wordsOf } from "../../src/config/command_words.ts";

const COMMANDS: readonly (readonly [string, readonly string[] | undefined])[] = [
  ["notify-send", ["notify-send"]],
  ["  notify-send   cdx2 ", ["notify-send", "cdx2"]],
  [`sh -c 'jq -r .message | mail "me"'`, ["sh", "-c", `jq -r .message | mail "me"`]],
  [`say "two words" plain"joined"`, ["say", "two words", "plainjoined"]],
  [`say "a \\"quote\\" and \\\\"`, ["say", `a "quote" and \\`]],
  [`say ""`, ["say", ""]],
  [`C:\\tools\\notify.exe`, ["C:\\tools\\notify.exe"]],
  ["say $HOME `id` ; rm", ["say", "$HOME", "`id`", ";", "rm"]],
  [`say "open`, undefined],
  [`say 'open`, undefined],
  ["", undefined],
  [`""`, undefined],
];
for (const [text, words] of COMMANDS) {
  Deno.test(`the words of ${JSON.stringify(text)}`, () => assert.deepEqual(wordsOf(text), words));
}

Deno.test("a command is shown without its arguments, and its home folder is found", () => {
  const kind = optionalCommand();
  const place = { homeFolder: "/home/ann", cwd: "/" };
  assert.deepEqual(kind.parse("~/bin/told https://hooks.example/secret", place), [
    "/home/ann/bin/told",
    "https://hooks.example/secret",
  ]);
  assert.equal(kind.show(["curl", "https://hooks.example/secret"]), "curl");
  assert.equal(kind.echo(`curl "https://hooks.example/secret`), "curl …");
  assert.equal(kind.read("", place), undefined);
});
