// Every command that asks a gateway, with everything that can be the matter with that: it says what it is and what to do
// about it, ends with the exit code that the docs name, and prints JSON where it was asked for that.

import assert from "node:assert/strict";
import { SendError } from "../../../src/system/http.ts";
import { answer, type Reply } from "../../support/fake_send.ts";
import { aLaptop, MANAGEMENT } from "../../support/gateway.ts";

const OURS = { "x-cdx2-request-id": "r" };
const PLAIN = ["codex exec hi", "run -- python", "proxy --print-env", "setup codex --print"];
const MANAGED = ["status", "doctor", "trace", "all", "usage", "usage --pool", "pool", "reset"];

function failing(reason: string): Reply {
  return () => {
    throw new SendError("not_sent", reason);
  };
}

interface Failure {
  readonly what: string;
  readonly reply: Reply;
  readonly says: RegExp;
}

const FAILURES: readonly Failure[] = [
  {
    what: "is down",
    reply: failing("connection refused"),
    says: /cannot be reached \(connection refused\).*hint.*CLIPROXY_REMOTE/s,
  },
  {
    what: "has no name",
    reply: failing("no address for gateway.example"),
    says: /no address.*hint.*CLIPROXY_REMOTE/s,
  },
  {
    what: "has the certificate of an unknown authority",
    reply: failing("its certificate is from an unknown authority"),
    says: /certificate is from an unknown authority.*hint.*DENO_CERT/s,
  },
  {
    what: "is not there for its web server",
    reply: answer(502),
    says: /web server in front of it answers 502.*hint.*cdx2 status/s,
  },
  {
    what: "is too slow for its web server",
    reply: answer(504),
    says: /web server in front of it answers 504.*hint/s,
  },
  {
    what: "is another server",
    reply: answer(404),
    says: /what answers there is no cdx2 \(status 404\).*hint.*CLIPROXY_REMOTE/s,
  },
  {
    what: "redirects",
    reply: answer(301, {}, { location: "https://elsewhere.example/x?secret=1" }),
    says: /redirects to https:\/\/elsewhere\.example, .*hint.*CLIPROXY_REMOTE/s,
  },
  {
    what: "refuses this name",
    reply: answer(403, { error: { type: "forbidden", message: "the host is not allowed" } }, OURS),
    says: /(the host is not allowed|403).*hint/s,
  },
];

for (const { what, reply, says } of FAILURES) {
  for (const line of [...PLAIN, ...MANAGED]) {
    Deno.test(`"cdx2 ${line}" says that the gateway ${what}, and what to do`, async () => {
      const world = aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT }, reply);
      const { code, out, err } = await world.run(line);
      assert.equal(code, 1, err);
      assert.match(out + err, says);
      assert.equal(world.children.length, 0, "nothing runs without a gateway");
      assert.ok(!(out + err).includes("secret"), "a redirect may hold one");
    });
  }
  for (const line of MANAGED) {
    Deno.test(`"cdx2 ${line} --json" says in JSON that the gateway ${what}`, async () => {
      const { code, out } = await aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT }, reply).run(
        `${line} --json`,
      );
      assert.equal(code, 1);
      const page = JSON.parse(out);
      assert.ok(page.ok === false || page.healthy === false, out);
    });
  }
}

for (const line of MANAGED.filter((line) => line !== "status" && line !== "doctor")) {
  Deno.test(`"cdx2 ${line}" says that the gateway's management key is missing or another one`, async () => {
    const missing = await aLaptop().run(line);
    assert.deepEqual([missing.code, missing.out], [2, ""]);
    assert.match(missing.err, /without its management key\nhint: .*CLIPROXY_REMOTE_MANAGEMENT_KEY/);
    const wrong = await aLaptop({ CLIPROXY_REMOTE_MANAGEMENT_KEY: MANAGEMENT }, answer(401)).run(line);
    assert.deepEqual([wrong.code, wrong.out], [2, ""]);
    assert.match(wrong.err, /has another management key\nhint: .*CLIPROXY_REMOTE_MANAGEMENT_KEY/);
  });
}
