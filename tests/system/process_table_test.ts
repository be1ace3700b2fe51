import assert from "node:assert/strict";
import { inProcessList, listeningInodes } from "../../src/system/process_table.ts";
import { systemProcesses } from "../../src/system/process.ts";

const TABLE =
  `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:207D 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0000000000000000
   1: 0100007F:207D 0100007F:D2B4 01 00000000:00000000 00:00000000 00000000  1000        0 222 1 0000000000000000
   2: 00000000:207D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1 0000000000000000
   3: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 444 1 0000000000000000
   4: 00000000000000000000000001000000:207D 00000000000000000000000000000000:0000 0A 0:0 00:0 0  1000        0 555 1 0
`;

/** `[what, port, uid, inodes]` */
const LISTENERS: readonly [string, number, number, readonly string[]][] = [
  ["this user's, over both protocols", 8317, 1000, ["111", "555"]],
  ["another user's", 8317, 0, ["333"]],
  ["a low port", 80, 1000, ["444"]],
  ["a port that only ends alike", 125, 1000, []],
  ["nobody", 8317, 7, []],
];

for (const [what, port, uid, inodes] of LISTENERS) {
  Deno.test(`listeningInodes() finds ${what}: ${inodes.join(", ") || "none"}`, () => {
    assert.deepEqual(listeningInodes(TABLE, { port, uid }), inodes);
  });
}

Deno.test("listeningInodes() of nothing finds nothing", () => {
  assert.deepEqual(listeningInodes("", { port: 8317, uid: 1000 }), []);
});

Deno.test("inProcessList() takes whole arguments at the end", () => {
  const list = [
    "    1 /sbin/init",
    " 4120 /usr/bin/cdx2 run-server --auth-dir /keys",
    " 4121 /usr/bin/cdx2 run-server --auth-dir /keys2",
    " 4122 grep run-server --auth-dir /keys --color",
    "",
  ].join("\n");
  assert.deepEqual(inProcessList(list, ["run-server", "--auth-dir", "/keys"]), [4120]);
});

Deno.test({
  name: "listenerOf(), processesWith() and ageOf() find a program of ours",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    assert.equal(await systemProcesses.listenerOf(listener.addr.port), Deno.pid);
    const child = new Deno.Command("sleep", { args: ["600.25"] }).spawn();
    const found = await systemProcesses.processesWith(["600.25"]);
    const ageMs = systemProcesses.ageOf(child.pid);
    assert.equal(ageMs !== undefined, Deno.build.os === "linux");
    // Whole seconds.
    assert.ok((ageMs ?? 0) >= 0 && (ageMs ?? 0) < 30_000);
    assert.equal(systemProcesses.ageOf(2 ** 30), undefined);
    child.kill();
    await child.status;
    assert.deepEqual(found.map(({ pid }) => pid), [child.pid]);
    assert.deepEqual(await systemProcesses.processesWith(["600.25"]), []);
  },
});
