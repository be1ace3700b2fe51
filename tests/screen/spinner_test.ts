import assert from "node:assert/strict";
import { Spinner } from "../../src/screen/spinner.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeTerminal } from "../support/fake_terminal.ts";

function spinning() {
  const clock = new FakeClock();
  const terminal = new FakeTerminal();
  return { clock, terminal, spinner: new Spinner({ clock, terminal }, "asking") };
}

Deno.test("Spinner turns on standard error, with the current text, and leaves nothing on the screen", async () => {
  const { clock, terminal, spinner } = spinning();
  await clock.advance(150);
  spinner.text = "asking on";
  await clock.advance(100);
  spinner.stop();
  assert.equal(terminal.errText, "\r\x1b[2K⠋ asking\r\x1b[2K⠙ asking on\r\x1b[2K");
  assert.equal(terminal.outText, "");
  await clock.advance(1000);
  assert.equal(clock.pendingTimers, 0);
});

Deno.test("Spinner writes nothing when the answer comes at once", async () => {
  const { clock, terminal, spinner } = spinning();
  await clock.advance(99);
  spinner.stop();
  await clock.advance(1000);
  assert.equal(terminal.errText, "");
});
