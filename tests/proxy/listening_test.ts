import assert from "node:assert/strict";
import { Listening } from "../../src/proxy/listening.ts";
import type { Acceptance } from "../../src/system/http.ts";
import type { ProxyEvent } from "../../src/observability/event.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Listeners that fail when a test says so. */
class World {
  readonly clock = new FakeClock();
  readonly events: ProxyEvent[] = [];
  readonly shutdowns: number[] = [];
  readonly fails: ((reason: string) => void)[] = [];
  acceptance: Acceptance = "yes";
  /** How many times the port cannot be listened on. */
  busy = 0;
  readonly listening = new Listening({
    open: (port) => {
      if (this.fails.length > 0 && this.busy-- > 0) throw new Error("too many open files");
      const index = this.fails.length;
      const { promise, resolve } = Promise.withResolvers<string>();
      this.fails.push(resolve);
      return {
        port: port === 0 ? 4711 : port,
        failed: promise,
        shutdown: () => Promise.resolve(void this.shutdowns.push(index)),
      };
    },
    accepts: () => Promise.resolve(this.acceptance),
    clock: this.clock,
    publish: (event) => this.events.push(event),
  }, 0);

  get opened(): number {
    return this.fails.length;
  }

  fail(): void {
    this.fails.at(-1)!("too many open files");
  }
}

Deno.test("Listening opens a listener that failed again, on its port, and leaves the old exchanges alone", async () => {
  const world = new World();
  world.fail();
  await world.clock.advance(500);
  assert.deepEqual([world.opened, world.listening.port, world.shutdowns], [2, 4711, []]);
  await world.clock.advance(2_500);
  assert.deepEqual(world.events.map(({ level, event }) => [level, event]), [
    ["error", "proxy.accept_failed"],
    ["info", "proxy.accept_recovered"],
  ]);
  assert.match(world.events[0]!.message, /too many open files/);
});

// As on Deno 2.6, whose listener keeps its port and says nothing.
Deno.test("Listening replaces a listener that accepts nothing and does not say so", async () => {
  const world = new World();
  world.acceptance = "no";
  await world.clock.advance(2_200);
  assert.deepEqual([world.opened, world.shutdowns], [2, [0]]);
});

Deno.test("Listening leaves a listener alone while it cannot be asked", async () => {
  const world = new World();
  world.acceptance = "unknown";
  await world.clock.advance(60_000);
  assert.deepEqual([world.opened, world.events], [1, []]);
});

Deno.test("Listening tries for as long as the port cannot be had", async () => {
  const world = new World();
  world.busy = 20;
  world.fail();
  await world.clock.advance(60_000);
  assert.deepEqual([world.opened, world.listening.port], [2, 4711]);
});

Deno.test("Listening closes connections without a request when listening keeps failing, and reports it once", async () => {
  const world = new World();
  world.acceptance = "unknown";
  for (let count = 0; count < 5; count++) {
    world.fail();
    await world.clock.advance(1_000);
  }
  assert.equal(world.opened, 6);
  assert.deepEqual(world.shutdowns, [0, 1, 2, 3, 4]);
  assert.equal(world.events.length, 1);
});

Deno.test("Listening neither looks nor opens once it is closed", async () => {
  const world = new World();
  world.listening[Symbol.dispose]();
  await world.clock.advance(0);
  world.acceptance = "no";
  world.fail();
  await world.clock.advance(60_000);
  assert.deepEqual([world.opened, world.clock.pendingTimers], [1, 0]);
});
