import { replayReport } from "../../../src/cli/doctor/replay_page.ts";
import { CliWorld } from "../../support/cli_world.ts";
import { aRecordedDay } from "../../support/recorded_day.ts";
import { assertIs } from "../../support/pages.ts";

Deno.test("doctor --replay answers with --json what is declared", async () => {
  const world = new CliWorld();
  world.machine.files.put("/logs/events.jsonl", aRecordedDay());
  const { out } = await world.run("doctor --replay /logs/events.jsonl --json --set rotation=request");
  const page = JSON.parse(out);
  assertIs(replayReport, page);
});
