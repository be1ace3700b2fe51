// The screen of a real terminal, taken over by a process of its own.

import assert from "node:assert/strict";
import { testWith } from "../support/installed.ts";
import { quoted, TerminalWindow } from "../support/terminal_window.ts";

const MODULE = new URL("../../src/system/screen.ts", import.meta.url);

/** A window in which `code` runs, with `screen` open. */
async function windowWith(code: string): Promise<TerminalWindow> {
  const env = { PATH: Deno.env.get("PATH")!, HOME: Deno.env.get("HOME")!, NO_COLOR: "1" };
  const tty = await TerminalWindow.open({ columns: 60, rows: 12, env });
  const script = `const { openScreen } = await import("${MODULE}"); const screen = openScreen(); ${code}`;
  await tty.run(`${quoted(Deno.execPath())} eval --no-check ${quoted(script)}; echo "ended with $?"`);
  return tty;
}

testWith("tmux", "openScreen() reads keys and sizes", async () => {
  await using tty = await windowWith(`
    const say = (what) => screen.write(JSON.stringify(what) + "\\r\\n");
    say(screen.size);
    screen.onResize(() => say(screen.size));
    for await (const key of screen.keys) say(key.char ?? key.kind);
  `);
  await tty.untilShows(/\{"columns":60,"rows":12\}/);
  await tty.type("é");
  await tty.press("Up");
  await tty.untilShows(/"é"\s+"up"/);
  // The byte of the key alone is also how the other one began.
  await tty.press("Escape");
  await tty.untilShows(/"escape"/);
  await tty.resize(50, 10);
  await tty.untilShows(/\{"columns":50,"rows":10\}/);
});

const ENDS: readonly [what: string, code: string, exitCode: number][] = [
  ["when it is closed", "screen.close(); screen.close(); Deno.exit(3);", 3],
  ["when the program exits without closing it", "Deno.exit(4);", 4],
  ["before an error that nobody caught is printed", 'throw new Error("a fault");', 1],
  ["before an error of a callback is printed", 'setTimeout(() => { throw new Error("a fault"); }, 50);', 1],
  ["before a rejection that nobody caught is printed", 'Promise.reject(new Error("a fault"));', 1],
];

for (const [what, code, exitCode] of ENDS) {
  testWith("tmux", `openScreen() gives the terminal back ${what}`, async () => {
    await using tty = await windowWith(`screen.write("taken over"); ${code} await new Promise(() => {});`);
    const text = await tty.untilShows(/^ended with \d+$/m);
    assert.match(text, new RegExp(`^ended with ${exitCode}$`, "m"));
    if (exitCode === 1) assert.match(text, /a fault/);
    assert.deepEqual([await tty.isTakenOver(), await tty.isCooked()], [false, true]);
  });
}
