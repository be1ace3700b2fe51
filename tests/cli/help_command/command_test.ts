import assert from "node:assert/strict";
import { CliWorld } from "../../support/cli_world.ts";

Deno.test("help shows what --help shows, for every command", async () => {
  for (const line of ["", "trace", "auth import"]) {
    const { code, out } = await new CliWorld().run(`help ${line}`.trim());
    assert.deepEqual([code, out], [0, (await new CliWorld().run(`${line} --help`.trim())).out], line);
    assert.match(out, new RegExp(`^Usage: cdx2 ${line}`));
  }
});

Deno.test("help settings lists every setting", async () => {
  const { code, out } = await new CliWorld().run("help settings");
  assert.equal(code, 0);
  assert.match(out, /^ {2}CLIPROXY_PORT {2}\(--port, default: 0\)$/m);
});

for (
  const [line, hint] of [
    ["help restart", 'did you mean "cdx2 proxy --force"?'],
    ["help auth imprt", 'did you mean "cdx2 auth import"?'],
    ["help frobnicate", 'see "cdx2 --help"'],
  ] as const
) {
  Deno.test(`"cdx2 ${line}" says what there is instead`, async () => {
    const { code, out, err } = await new CliWorld().run(line);
    assert.deepEqual([code, out], [2, ""]);
    assert.ok(err.endsWith(`hint: ${hint}\n`), err);
  });
}
