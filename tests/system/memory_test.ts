import assert from "node:assert/strict";
import { MEMORY, MEMORY_SIGNAL, residentBytes, returnMemory } from "../../src/system/memory.ts";
import { until } from "../support/program.ts";

const ignore = Deno.build.os !== "linux";

// A process that waits until it handles the signal, which no code here has it do, sends it to itself and goes on.
const CHILD = `
  const handled = () => BigInt("0x" + /^SigCgt:\\s+(\\w+)$/m.exec(Deno.readTextFileSync("/proc/self/status"))[1]);
  const deadlineMs = performance.now() + 10_000;
  while ((handled() & (1n << 11n)) === 0n) {
    if (performance.now() > deadlineMs) throw new Error("this Deno does not take the signal");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  Deno.kill(Deno.pid, "${MEMORY_SIGNAL}");
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log("went on");
`;

Deno.test({
  name: "MEMORY has this version of Deno take the signal, which otherwise ends a process",
  ignore,
  fn: async () => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: ["eval", CHILD], env: MEMORY })
      .output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(text(stdout), "went on\n", text(stderr));
  },
});

Deno.test({
  name: "returnMemory() sends the signal to this process",
  ignore,
  fn: async () => {
    let isTaken = false;
    const take = () => void (isTaken = true);
    Deno.addSignalListener(MEMORY_SIGNAL, take);
    returnMemory();
    await until("the signal is taken", () => isTaken);
    Deno.removeSignalListener(MEMORY_SIGNAL, take);
  },
});

Deno.test({
  name: "residentBytes() is what the system counts",
  ignore,
  fn: async () => {
    const [, pages] = (await Deno.readTextFile("/proc/self/statm")).split(" ").map(Number);
    const counted = pages! * 4_096;
    assert.ok(Math.abs(residentBytes() - counted) < counted / 4, `${residentBytes()} and ${counted}`);
  },
});
