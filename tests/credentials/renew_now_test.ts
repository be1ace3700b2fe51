import assert from "node:assert/strict";
import { parseAuthFile } from "../../src/auth/record.ts";
import { KeptAsideError, renewNow } from "../../src/credentials/renew_now.ts";
import { type MarkState, newMark } from "../../src/credentials/renewal_mark.ts";
import { RenewalMarks } from "../../src/credentials/renewal_marks.ts";
import { Secret } from "../../src/values/secret.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { answer, FakeSend, type Reply } from "../support/fake_send.ts";
import { accessToken } from "../support/logins.ts";
import { MemoryFiles } from "../support/memory_files.ts";

const OLD = new Secret("rt_old");
const NEW = new Secret("rt_new");
const RENEWED = answer(200, { access_token: accessToken({}), refresh_token: "rt_new" });

class World {
  readonly files = new MemoryFiles();
  readonly marks = new RenewalMarks(this.files, "/state");
  readonly send: FakeSend;
  text = "";

  constructor(...replies: Reply[]) {
    this.send = new FakeSend(...replies);
  }

  async renew(keep?: () => Promise<never>) {
    const { marks, send } = this;
    const deps = {
      marks,
      send: send.send,
      clock: new FakeClock(),
      issuer: "https://issuer.example",
      clientId: "app",
    };
    return await renewNow(
      deps,
      OLD,
      keep ?? ((text) => {
        this.text = text.reveal();
        return Promise.resolve({ path: "/keys/a.json" });
      }),
    );
  }

  async state(token: Secret): Promise<MarkState | undefined> {
    return (await this.marks.read(token, ""))?.state;
  }
}

Deno.test("renewNow() sends the token once, keeps the new login, and never sends the old one again", async () => {
  const world = new World(RENEWED);
  assert.equal((await world.renew()).kind, "kept");
  assert.equal(parseAuthFile("a.json", world.text).kind, "key");
  assert.equal(JSON.parse(world.text).tokens.refresh_token, "rt_new");
  assert.deepEqual([await world.state(OLD), await world.state(NEW)], ["spent", "fresh"]);
  const again = await world.renew();
  assert.ok(again.kind === "refused");
  assert.match(again.reason, /used up/);
  assert.equal(world.send.requests.length, 1);
});

Deno.test("renewNow() keeps a refresh token that the issuer does not replace", async () => {
  const world = new World(answer(200, { access_token: accessToken({}) }));
  await world.renew();
  assert.equal(JSON.parse(world.text).tokens.refresh_token, "rt_old");
  assert.equal(await world.state(OLD), "fresh");
});

for (
  const [reply, state, says] of [
    [answer(400, { error: "invalid_grant" }), "dead", /refuses its refresh token \(invalid_grant\)/],
    ["not_sent", "failed", /did not renew it/],
    ["interrupted", "unknown", /may be used up/],
  ] satisfies [Reply, MarkState, RegExp][]
) {
  Deno.test(`renewNow() keeps nothing, and notes "${state}"`, async () => {
    const world = new World(reply);
    const renewed = await world.renew();
    assert.ok(renewed.kind === "refused");
    assert.match(renewed.reason, says);
    assert.deepEqual([await world.state(OLD), world.text], [state, ""]);
  });
}

for (const state of ["spent", "dead", "lost", "sent", "unknown", "codex"] as const) {
  Deno.test(`renewNow() does not send a token that is noted as "${state}"`, async () => {
    const world = new World(RENEWED);
    await world.marks.write(OLD, { ...newMark("", 1), state });
    assert.equal((await world.renew()).kind, "refused");
    assert.equal(world.send.requests.length, 0);
  });
}

Deno.test("renewNow() loses no token when the key cannot be written", async () => {
  const world = new World(RENEWED);
  await assert.rejects(world.renew(() => Promise.reject(new Error("full"))), (error) => {
    assert.ok(error instanceof KeptAsideError);
    assert.match(world.files.text(error.path)!, /rt_new/);
    return true;
  });
});

Deno.test("renewNow() waits for the renewal of another login at the same issuer", async () => {
  const world = new World(RENEWED);
  const way = await world.marks.lockIssuer("https://issuer.example");
  const renewing = world.renew();
  await new FakeClock().advance(1000);
  assert.equal(world.send.requests.length, 0);
  way.release();
  assert.equal((await renewing).kind, "kept");
});
