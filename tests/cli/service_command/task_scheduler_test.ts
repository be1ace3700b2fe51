import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { scheduledTask } from "../../../src/cli/service_command/task_scheduler.ts";
import type { Wish } from "../../../src/cli/service_command/wish.ts";
import { aWish } from "../../support/autostart_wish.ts";
import { saidBy, testWith } from "../../support/installed.ts";

const ENV = { LOCALAPPDATA: "C:/Users/Ann/AppData/Local", USERDOMAIN: "PC", USERNAME: "Ann" };
const onWindows = (over: Partial<Wish> = {}) => aWish("windows", { env: ENV, ...over });

Deno.test("scheduledTask() runs at the logon of this user, without time limit or higher rights", () => {
  const { text, file } = scheduledTask(onWindows());
  assert.equal(file, "C:/Users/Ann/AppData/Local/cdx2/service.xml");
  for (const part of [/<UserId>PC\\Ann</, />PT0S</, />LeastPrivilege</, /<Command>\/opt\/my tools\/cdx2</]) {
    assert.match(text, part);
  }
});

/** `[the auth dir, as an argument]` */
const QUOTED = [
  ["C:\\keys", "C:\\keys"],
  ["C:\\my keys\\", '"C:\\my keys\\\\"'],
  ['C:\\a "b"', '"C:\\a \\"b\\""'],
] as const;

for (const [authDir, argument] of QUOTED) {
  Deno.test(`scheduledTask() quotes ${authDir}`, () => {
    const { text } = scheduledTask(onWindows({ authDir }));
    assert.ok(text.includes(`<Arguments>proxy --foreground --auth-dir ${argument}</Arguments>`), text);
  });
}

Deno.test("scheduledTask() says what a task cannot have", () => {
  const { notes, logs } = scheduledTask(
    onWindows({ memoryMax: "1G", variables: { HTTPS_PROXY: "http://p" } }),
  );
  assert.match(notes.join("\n"), /set HTTPS_PROXY for your user.*\n.*no limit for memory/);
  assert.equal(logs, undefined);
});

testWith("xmllint", "scheduledTask() keeps the rules of tasks", async () => {
  const xsd = fileURLToPath(new URL("task.xsd", import.meta.url));
  const args = ["--noout", "--nonet", "--schema", xsd, "-"];
  for (const wish of [onWindows(), aWish("windows")]) {
    assert.equal(await saidBy("xmllint", args, { input: scheduledTask(wish).text }), "- validates\n");
  }
  const broken = scheduledTask(onWindows()).text.replace(">PT1M<", ">PT1S<");
  assert.match(await saidBy("xmllint", args, { input: broken }), /fails to validate/);
});
