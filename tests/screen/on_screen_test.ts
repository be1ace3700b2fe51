import assert from "node:assert/strict";
import { onScreen } from "../../src/screen/on_screen.ts";
import { FakeProcesses } from "../support/fake_processes.ts";
import { FakeScreen } from "../support/fake_screen.ts";

function aWorld() {
  const screen = new FakeScreen();
  return { screen, processes: new FakeProcesses(), openScreen: () => screen };
}

Deno.test("onScreen() gives the terminal back when the view ends, fails, or a signal comes", async () => {
  for (
    const { show, signal, code } of [
      { show: () => Promise.resolve(7), code: 7 },
      { show: () => Promise.reject(new TypeError("a fault")), code: undefined },
      { show: () => new Promise<number>(() => {}), signal: "SIGTERM", code: 143 },
    ] as const
  ) {
    const world = aWorld();
    let isOpenWhenClosed: boolean | undefined;
    const ending = onScreen(world, (_, closed) => {
      closed.addEventListener("abort", () => isOpenWhenClosed = world.screen.isOpen);
      return show();
    });
    if (signal) world.processes.receive(signal);
    if (code === undefined) await assert.rejects(ending, /a fault/);
    else assert.equal(await ending, code);
    assert.deepEqual([isOpenWhenClosed, world.screen.isOpen], [true, false]);
  }
});
