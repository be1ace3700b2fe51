// The page that `cdx2 usage --html` writes, in a real browser.

import assert from "node:assert/strict";
import { runtimePaths } from "../../src/config/paths.ts";
import { UsageHistory } from "../../src/observability/usage/history.ts";
import { openSystemDatabase } from "../../src/system/database.ts";
import { systemFiles } from "../../src/system/files.ts";
import { demoUsage } from "../support/demo_usage.ts";
import { saidBy, testWith } from "../support/installed.ts";
import { Home } from "../support/program.ts";

// A page of this size without a picture has 10 kB.
const LEAST_BYTES = 30_000;

testWith("chromium", "the usage page draws its plots in a browser, without a network", async () => {
  await using home = await Home.make();
  const path = runtimePaths(home.authDir).usageFile;
  {
    using history = await UsageHistory.open(
      { files: systemFiles, openDatabase: openSystemDatabase, path },
      assert.fail,
    );
    history.write(demoUsage(Date.now()));
  }
  const { code, stderr } = await home.run(["usage", "--days", "14", "--html", `${home.folder}/usage.html`]);
  assert.deepEqual([code, stderr], [0, `wrote ${home.folder}/usage.html\n`]);

  const picture = `${home.folder}/usage.png`;
  const dom = await saidBy("chromium", [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--window-size=1100,1400",
    "--virtual-time-budget=4000",
    `--user-data-dir=${home.folder}/browser`,
    `--screenshot=${picture}`,
    "--dump-dom",
    `file://${home.folder}/usage.html`,
  ]);
  assert.match(dom, /<html lang="en" data-theme="(?:light|dark)" data-drawn="7">/);
  assert.equal(
    dom.match(/<canvas /g)?.length,
    7,
    "four plots of the pool, and one for each key that was used",
  );
  assert.doesNotMatch(dom, /Content Security Policy|Refused to/);
  assert.ok((await Deno.stat(picture)).size > LEAST_BYTES);
});
