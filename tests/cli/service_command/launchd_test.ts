import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { launchAgent } from "../../../src/cli/service_command/launchd.ts";
import { aWish } from "../../support/autostart_wish.ts";
import { saidBy, testWith } from "../../support/installed.ts";

Deno.test("launchAgent() runs the proxy in the foreground, again after a failure only", () => {
  const { text, file } = launchAgent(aWish("darwin"));
  assert.equal(file, "/home/ann/Library/LaunchAgents/cdx2.proxy.plist");
  assert.match(
    text,
    /<string>--foreground<\/string>\n *<string>--auth-dir<\/string>\n *<string>.*&amp; "more" &lt;50%&gt; \$HOME</,
  );
  assert.match(text, /<key>KeepAlive<\/key>\n *<dict>\n *<key>SuccessfulExit<\/key>\n *<false\/>/);
});

Deno.test("launchAgent() is the user's own, and its output is kept for failed starts", () => {
  const { enable, disable, start, logs } = launchAgent(aWish("darwin"));
  assert.deepEqual(enable[0]?.slice(0, 3), ["launchctl", "bootstrap", "gui/501"]);
  assert.deepEqual([disable[0]?.at(-1), start.at(-1)], ["gui/501/cdx2.proxy", "gui/501/cdx2.proxy"]);
  assert.deepEqual(logs?.(5, true), ["tail", "-n", "5", "-f", "/home/ann/Library/Logs/cdx2.log"]);
});

testWith("xmllint", "launchAgent() keeps the rules of property lists", async () => {
  const dtd = fileURLToPath(new URL("plist.dtd", import.meta.url));
  const { text: whole } = launchAgent(aWish("darwin", { variables: { NO_PROXY: "a&b" }, memoryMax: "1G" }));
  // It would be fetched.
  const text = whole.replace(/<!DOCTYPE.*>\n/, "");
  const args = ["--noout", "--nonet", "--nowarning", "--dtdvalid", dtd, "-"];
  assert.equal(await saidBy("xmllint", args, { input: text }), "");
  const broken = text.replace("<true/>", "<yes/>");
  assert.match(await saidBy("xmllint", args, { input: broken }), /exit code/);
});
