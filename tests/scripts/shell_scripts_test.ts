// The scripts in sh and bash, as shellcheck reads them: what another shell or a name with a blank would break.

import assert from "node:assert/strict";
import { saidBy, testWith } from "../support/installed.ts";

for (const script of ["scripts/install.sh", ".ci/run"]) {
  testWith("shellcheck", `shellcheck finds nothing in ${script}`, async () => {
    assert.equal(
      await saidBy("shellcheck", [script], { cwd: new URL("../..", import.meta.url).pathname }),
      "",
    );
  });
}
