import assert from "node:assert/strict";
import { gatherFacts } from "../../../src/cli/doctor/gather.ts";
import type { ManagementClient } from "../../../src/api/client.ts";
import type { ServiceDeps } from "../../../src/runtime/observe.ts";
import { anAccount } from "../../support/doctor_facts.ts";
import { answer, FakeSend } from "../../support/fake_send.ts";
import { aDebugView, AUTH_DIR, ServiceWorld } from "../../support/service_world.ts";

const TOKEN_FILE = (token: string) => JSON.stringify({ access_token: token });
const WORK_FINGERPRINT = "1f408c931ad2";
const DF = `Filesystem 1024-blocks Used Available Capacity Mounted on
/dev/disk with blanks 81920000 1000 2048 1% /
`;

class Machine extends ServiceWorld {
  upstream = new FakeSend(answer(403, {}, { date: new Date(this.clock.nowMs() + 60_000).toUTCString() }));
  /** What the proxy answers, once more for each time it is asked; the last one repeats. */
  held: string[][] = [["work.json"]];
  #asked = 0;

  constructor() {
    super();
    this.files.put(`${AUTH_DIR}/work.json`, TOKEN_FILE("token-of-work"));
  }

  async gather(env: Record<string, string> = {}) {
    let isDone = false;
    const gathering = gatherFacts({ ...this.#deps(env), gateway: undefined }, this.upstream.send).finally(
      () => isDone = true,
    );
    // Hashing goes on while this clock stands still.
    while (!isDone) await this.clock.advance(500);
    return await gathering;
  }

  get askedCount(): number {
    return this.#asked;
  }

  #deps(env: Record<string, string>): ServiceDeps {
    return { ...this.deps(), env, connect: () => this.#client };
  }

  readonly #client = {
    debug: () => Promise.resolve({ kind: "answer", value: aDebugView() }),
    health: () => Promise.resolve({ kind: "answer", value: { ok: true, accounts: [anAccount()] } }),
    authFiles: () => {
      const held = this.held[Math.min(this.#asked++, this.held.length - 1)]!;
      const files = held.map((file) => ({ file, usable: true, fingerprint: null }));
      return Promise.resolve({ kind: "answer", value: { files } });
    },
  } as unknown as ManagementClient;
}

Deno.test("gatherFacts() asks the proxy and reads the disk", async () => {
  const machine = new Machine();
  machine.runService();
  const { service, disk, upstreamUrl } = await machine.gather();
  assert.ok(service.kind === "running" && disk.kind === "read");
  assert.deepEqual(service.accounts.map(({ file }) => file), ["work.json"]);
  assert.deepEqual(disk.files.map(({ file, fingerprint }) => [file, fingerprint]), [
    ["work.json", WORK_FINGERPRINT],
  ]);
  assert.equal(upstreamUrl, "https://chatgpt.com/backend-api");
  assert.equal(machine.askedCount, 1);
});

Deno.test("gatherFacts() takes a proxy that cannot be asked as a fact", async () => {
  const machine = new Machine();
  const { service, disk } = await machine.gather();
  assert.deepEqual(service, {
    kind: "unasked",
    accounts: service.accounts,
    reason: "The proxy is not running",
    hint: 'start it with "cdx2 proxy"',
  });
  assert.equal(disk.kind, "read");
});

Deno.test("gatherFacts() gives the proxy time to notice a file, before it says that they differ", async () => {
  const machine = new Machine();
  machine.runService();
  machine.held = [[], ["work.json"]];
  const { service } = await machine.gather();
  assert.equal(machine.askedCount, 2);
  assert.deepEqual(service.kind === "running" && service.files.map(({ file }) => file), ["work.json"]);
});

Deno.test("gatherFacts() asks the upstream without a key, once, and compares the clocks", async () => {
  const machine = new Machine();
  const { upstream } = await machine.gather();
  assert.deepEqual(upstream, { kind: "answered", status: 403, durationMs: 0, aheadMs: 60_000 });
  const [request, ...more] = machine.upstream.requests;
  assert.deepEqual([request?.method, request?.headers.get("authorization"), more.length], ["HEAD", null, 0]);
});

Deno.test("gatherFacts() waits for nothing longer than a few seconds", async () => {
  const machine = new Machine();
  machine.upstream = new FakeSend("hang");
  machine.processes.outputOf = () => new Promise(() => {});
  const { upstream, codex, freeBytes } = await machine.gather();
  assert.deepEqual(upstream, { kind: "failed", reason: "nothing within 5s" });
  assert.deepEqual([codex.answer, freeBytes], [undefined, undefined]);
  assert.equal(machine.clock.pendingTimers, 0);
});

Deno.test("gatherFacts() says why the upstream cannot be reached", async () => {
  const machine = new Machine();
  machine.upstream = new FakeSend("not_sent");
  assert.deepEqual((await machine.gather()).upstream, { kind: "failed", reason: "connection refused" });
});

Deno.test("gatherFacts() reads the free space, and the Codex that the environment names", async () => {
  const machine = new Machine();
  machine.processes.outputs.set(`df -kP ${AUTH_DIR}`, DF);
  machine.processes.outputs.set("/opt/codex --version", "codex-cli 0.169.0\n");
  const { freeBytes, codex } = await machine.gather({ CDX2_CODEX_BIN: "/opt/codex" });
  assert.equal(freeBytes, 2 * 2 ** 20);
  assert.deepEqual(codex, { command: "/opt/codex", isNamed: true, answer: "codex-cli 0.169.0" });
});

Deno.test("gatherFacts() looks at the modes of its own files and of the keys, not behind links", async () => {
  const machine = new Machine();
  machine.files.put(`${AUTH_DIR}/open.json`, "{}", 0o644);
  machine.files.put(`${AUTH_DIR}/rr_proxy_v2.log.1`, "", 0o640);
  machine.files.put(`${AUTH_DIR}/README`, "", 0o666);
  machine.files.put("/keys-of-others/out.json", "{}", 0o666);
  machine.files.link(`${AUTH_DIR}/link.json`, "/keys-of-others/out.json");
  const { modes } = await machine.gather();
  assert.deepEqual(modes, [
    { path: AUTH_DIR, mode: 0o700 },
    { path: `${AUTH_DIR}/open.json`, mode: 0o644 },
    { path: `${AUTH_DIR}/rr_proxy_v2.log.1`, mode: 0o640 },
    { path: `${AUTH_DIR}/work.json`, mode: 0o600 },
  ]);
});

Deno.test("gatherFacts() takes an auth dir that cannot be read as a fact", async () => {
  const machine = new Machine();
  machine.files.failAt(AUTH_DIR, "denied");
  const { disk, modes } = await machine.gather();
  assert.deepEqual([disk.kind, modes], ["unreadable", []]);
});

Deno.test("gatherFacts() takes an auth dir that is not there yet for an empty one", async () => {
  const machine = new Machine();
  machine.files.delete(AUTH_DIR);
  const { disk } = await machine.gather();
  assert.deepEqual(disk, { kind: "read", files: [] });
});
