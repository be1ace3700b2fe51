/**
 * `cdx2 usage`: what was used, by key, model, day, session or client, as a table, as JSON or as a page with plots.
 * @module
 */

import { resolve } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { MAX_USAGE_DAYS, USAGE_GROUPS } from "../../api/usage.ts";
import { wholeNumber } from "../../config/setting_kinds.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { DEFAULT_COLUMNS } from "../help.ts";
import { parsedAs } from "../options.ts";
import { localSettings, resolvedSettings } from "../settings.ts";

const DEFAULT_DAYS = 7;
// A pipe gets all columns.
const PIPE_COLUMNS = 200;

function notInHistory(): UserError {
  return new UserError("The usage history of this machine has no members", {
    hint: 'those of a shared pool are shown by "cdx2 usage --pool --by member"',
    exitCode: 2,
  });
}

/** The command `cdx2 usage`. */
export const usageCommand = defineCommand({
  ...listed("usage"),
  details:
    "It reads the history that the proxy writes, so no proxy has to run. Entries are kept for 90 days.",
  examples: [
    ["show today by model", "cdx2 usage --days 1 --by model"],
    ["show what the members of a shared pool have used", "cdx2 usage --pool --by member"],
    ["write a page with plots", "cdx2 usage --days 30 --html usage.html"],
    [
      "count the tokens of a month",
      "cdx2 usage --days 30 --json | jq '.total.input_tokens + .total.output_tokens'",
    ],
  ],
  syntax: (command) =>
    command
      .option(
        "--days <number>",
        "How many days, today included.",
        parsedAs(wholeNumber(1, MAX_USAGE_DAYS)),
        DEFAULT_DAYS,
      )
      .addOption(
        new Option("--by <group>", "What the rows are about.").choices([...USAGE_GROUPS, "member"] as const)
          .default(
            "key" as const,
          ),
      )
      .addOption(
        new Option("--html <file>", "Write a page with plots to this file; - prints it.").conflicts([
          "json",
          "by",
        ]),
      )
      .addOption(
        new Option("--pool", "Of all members of the shared pool; by key, day or member.").conflicts("html"),
      )
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, options: { days, by, html, pool, json } }) => {
    if (pool) {
      return await (await import("./pool.ts")).printPoolUsage({ world, output, flags }, { days, by, json });
    }
    if (by === "member") throw notInHistory();
    if (html !== undefined) {
      const { settings: { authDir } } = await localSettings(world, flags, "The history is on the gateway");
      const { usageHtml } = await import("./report.ts");
      const page = await usageHtml({ world, authDir, days });
      if (html === "-") output.print(page);
      else {
        await world.files.writeAtomic(resolve(world.cwd, html), page);
        output.info(`wrote ${html}`);
      }
      return 0;
    }
    const { settings: { authDir, remote } } = await resolvedSettings(world, flags);
    const usage = remote === undefined
      ? await (await import("./report.ts")).usageOf({ world, authDir, days, by })
      : await (await import("./gateway.ts")).gatewayUsage(world, flags, { days, by });
    if (json) {
      output.printJson(usage);
      return 0;
    }
    const { renderUsage } = await import("./text.ts");
    const columns = world.terminal.outIsTerminal
      ? world.terminal.outSize?.columns ?? DEFAULT_COLUMNS
      : PIPE_COLUMNS;
    output.print(renderUsage(usage, { columns, palette: output.palette }));
    if (!usage.is_recording) {
      output.info("there is no usage history yet: the proxy begins it with the first request");
    }
    return 0;
  },
});
