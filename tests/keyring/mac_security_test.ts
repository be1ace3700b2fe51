import assert from "node:assert/strict";
import { macSecurityItems } from "../../src/keyring/mac_security.ts";
import type { RunTool } from "../../src/system/tool.ts";

/** `security` over items in memory, which keeps at most a line of 4096 bytes; the command lines that were run. */
function keychain(fault?: { code: number; stderr: string }) {
  const items = new Map<string, string>();
  const lines: string[] = [];
  const runTool: RunTool = (command, args, { stdin }) => {
    lines.push([command, ...args].join(" "));
    const end = (code: number, stdout = "", stderr = "") =>
      Promise.resolve({ kind: "exited", code, stdout, stderr } as const);
    if (fault) return end(fault.code, "", fault.stderr);
    if (args[0] === "-i") {
      const [, name, text] =
        /^add-generic-password -U -s cdx2 -a (\S+) -w (\S+)\n$/.exec(stdin.slice(0, 4096)) ?? [];
      if (name !== undefined) items.set(name, text!);
      return end(0);
    }
    const name = args[args.indexOf("-a") + 1]!;
    if (!items.has(name)) return end(44);
    if (args[0] === "delete-generic-password") return end(items.delete(name) ? 0 : 1);
    return end(0, `${items.get(name)}\n`);
  };
  return { items: macSecurityItems({ runTool, timeoutMs: 1000 }), lines };
}

Deno.test("macSecurityItems() keeps, replaces and removes, with no secret among the arguments", async () => {
  const { items, lines } = keychain();
  const text = "s3cret".repeat(500);
  assert.equal(await items.read("name"), undefined);
  await items.write("name", text);
  await items.write("name", "other");
  assert.equal(await items.read("name"), "other");
  await items.remove("name");
  await items.remove("name");
  assert.equal(await items.read("name"), undefined);
  assert.doesNotMatch(lines.join("\n"), /s3cret|other/);
});

Deno.test("macSecurityItems() holds a text of the length that it promises", async () => {
  const { items } = keychain();
  await items.write("a".repeat(64), "x".repeat(items.maxChars));
});

/** `[what security prints, the message]` */
const FAILURES: [string, string][] = [
  [
    "security: SecKeychainItemCopyContent: User interaction is not allowed.",
    "the keychain is locked",
  ],
  ["security: something odd", "security failed: something odd"],
  ["", "security failed: exit code 36"],
];

for (const [stderr, message] of FAILURES) {
  Deno.test(`macSecurityItems() says ${message}`, async () => {
    await assert.rejects(keychain({ code: 36, stderr }).items.read("name"), {
      name: "KeyringError",
      message,
    });
  });
}
