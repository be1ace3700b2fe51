import assert from "node:assert/strict";
import { checksumLines, filled, notesFor, sha256 } from "../../../scripts/release/texts.ts";

const CHANGELOG =
  "# Changelog\n\nWhat.\n\n## Unreleased\n\n- new\n\n## 1.2.0 (2027-01-01)\n\n- old\n  more\n";

Deno.test("notesFor() is the part about the version, else what is not released yet", () => {
  assert.equal(notesFor(CHANGELOG, "1.2.0"), "- old\n  more\n");
  assert.equal(notesFor(CHANGELOG, "1.3.0"), "- new\n");
  assert.throws(() => notesFor("# Changelog\n", "1.3.0"), /no section for 1\.3\.0/);
});

Deno.test("filled() keeps only the targets that the release has", () => {
  const template = 'url "@RELEASES_URL@/v@VERSION@/a" # @IF x86_64-apple-darwin@\n' +
    'sha256 "@SHA256 x86_64-apple-darwin@" # @IF x86_64-apple-darwin@\n' +
    'sha256 "@SHA256 aarch64-apple-darwin@" # @IF aarch64-apple-darwin@\nend\n';
  const sums = new Map([["cdx2-x86_64-apple-darwin.gz", "abc"]]);
  assert.equal(
    filled(template, { version: "1.2.3", address: "https://h", sums }),
    'url "https://h/v1.2.3/a"\nsha256 "abc"\nend\n',
  );
  assert.throws(
    () => filled("x # @IF riscv@", { version: "1", address: "a", sums }),
    /names the target riscv/,
  );
});

Deno.test("checksumLines() are lines of sha256sum", async () => {
  const sum = await sha256(new TextEncoder().encode("a"));
  assert.equal(
    checksumLines(new Map([["a.gz", sum]])),
    "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.gz\n",
  );
});
