/**
 * `cdx2 version`: the version of this program, and on demand that of the latest release.
 * @module
 */

import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { listed } from "../command_list.ts";
import { RELEASES_URL, VERSION } from "../version.ts";
import type { World } from "../world.ts";
import { type Asking, isNewer, newestVersion } from "./newest.ts";
import type { VersionPage } from "./page.ts";

/** The command `cdx2 version`. */
export const versionCommand = defineCommand({
  ...listed("version"),
  details:
    "Nothing asks for newer versions by itself. CDX2_RELEASES_URL names another place of the releases.",
  examples: [
    ["print it", "cdx2 version"],
    ["ask for the latest release", "cdx2 version --check"],
  ],
  takesSettings: false,
  syntax: (command) =>
    command
      .option("--check", "Ask the host of the releases for the latest.")
      .option("--json", "Print JSON."),
  run: async ({ world, output, options: { check = false, json } }) => {
    const newest = check ? await newestVersion(askingFrom(world)) : null;
    const newer = newest === null ? null : isNewer(newest, VERSION);
    if (json) output.printJson({ version: VERSION, newest, newer } satisfies VersionPage);
    else output.printLines([VERSION]);
    if (newer) {
      output.info(
        `${newest} is there: install it in the way that you installed this one, then "cdx2 proxy --force"`,
      );
    } else if (newest !== null) output.info(`the latest release is ${newest}`);
    return 0;
  },
});

function askingFrom({ env, clock, sendOut }: World): Asking {
  const url = env["CDX2_RELEASES_URL"] || RELEASES_URL;
  if (url !== undefined && URL.canParse(url)) {
    return { send: sendOut(), clock, releasesUrl: url.replace(/\/+$/, "") };
  }
  throw new UserError("Cannot look for a newer version: this build does not know where releases are", {
    hint: "set CDX2_RELEASES_URL, or look where you have it from",
  });
}
