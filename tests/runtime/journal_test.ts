import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { Secret } from "../../src/values/secret.ts";
import { anAttempt, anEvent } from "../support/events.ts";
import { aJournal, MANAGEMENT_KEY } from "../support/journal.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const { eventsFile, logFile } = runtimePaths("/auths");
const TOKEN = "token-of-a-key";

/** A journal, and both logs as they are after its end. */
function aRun() {
  // An empty file makes the folder.
  const files = new MemoryFiles({ "/auths/a.json": "" });
  const mirrored: string[] = [];
  const journal = aJournal({ files, mirror: (line) => void mirrored.push(line) });
  const logs = async () => {
    await journal[Symbol.asyncDispose]();
    return [files.text(eventsFile) ?? "", files.text(logFile) ?? ""];
  };
  return { journal, mirrored, logs };
}

Deno.test("a Journal hands each event to the trace, the metrics, both logs and the mirror", async () => {
  const { journal, mirrored, logs } = aRun();
  journal.publish(anAttempt({ request_id: "req_9" }));
  assert.equal(journal.published, 1);
  assert.deepEqual(journal.trace.newest(5).map(({ request_id }) => request_id), ["req_9"]);
  const figures = {
    inFlight: 0,
    webSockets: { open: 0, replays: 0, resends: 0 },
    shared: undefined,
    droppedLines: journal.droppedLines,
    version: "1",
    startedMs: 0,
  };
  assert.match(
    journal.metrics.render({ keys: [], ...figures }, 0),
    /attempts_total\{[^}]*outcome="ok"[^}]*\} 1/,
  );
  const [events = "", log = ""] = await logs();
  assert.match(events, /"request_id":"req_9"/);
  assert.match(log, /req_9/);
  assert.equal(mirrored.join("\n") + "\n", log);
});

Deno.test("a Journal shows neither the management key nor a key's token", async () => {
  const { journal, mirrored, logs } = aRun();
  journal.hideTokens([new Secret(TOKEN)]);
  journal.publish(anEvent("auth.cooldown", { message: `${MANAGEMENT_KEY} and ${TOKEN}` }));
  const written = [...await logs(), ...mirrored].join("");
  assert.ok(!written.includes(MANAGEMENT_KEY) && !written.includes(TOKEN), written);
  assert.match(written, /REDACTED/);
});

Deno.test("a Journal hides the tokens of the moment", async () => {
  const { journal, logs } = aRun();
  journal.hideTokens([new Secret(TOKEN)]);
  journal.hideTokens([new Secret("another-token")]);
  journal.publish(anEvent("auth.cooldown", { message: `${TOKEN} and another-token` }));
  const [events = ""] = await logs();
  assert.deepEqual([events.includes(TOKEN), events.includes("another-token")], [true, false]);
});
