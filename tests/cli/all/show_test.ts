import assert from "node:assert/strict";
import { machine, usage } from "../../support/usage_world.ts";

Deno.test("all --brief prints one line per key, and so does a terminal that is too small for the cards", async () => {
  const replies = [usage(40, 10), usage(100, 20)];
  const brief = machine(...replies);
  brief.terminal.outIsTerminal = true;
  brief.terminal.outSize = { columns: 80, rows: 24 };
  const { out } = await brief.run("all --brief --no-color");
  assert.match(out, /^Global left: 58%\n +KEY +5H/);
  assert.match(out, /^⭐🟢 a\.json +60% +10m +90% +10m +plus/m);
  assert.match(out, /^ {2}🔴 b\.json +0% +10m +80% +10m +plus/m);
  const small = machine(...replies);
  small.terminal.outIsTerminal = true;
  small.terminal.outSize = { columns: 80, rows: 7 };
  assert.equal((await small.run("all --no-color")).out, out);
});
