import assert from "node:assert/strict";
import { isNewer, newestVersion } from "../../../src/cli/version_command/newest.ts";
import { SendError, type UpstreamRequest } from "../../../src/system/http.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const asked: string[] = [];

function newest(answer: (request: UpstreamRequest) => Response): Promise<string> {
  asked.length = 0;
  const send = (request: UpstreamRequest) => {
    asked.push(request.url);
    return Promise.resolve(answer(request));
  };
  return newestVersion({ send, clock: new FakeClock(), releasesUrl: "https://host/releases" });
}

Deno.test("newestVersion() follows the host to where the file is", async () => {
  const answer = ({ url }: UpstreamRequest) =>
    url.startsWith("https://host/")
      ? new Response(null, { status: 302, headers: { location: "https://cdn/f" } })
      : Response.json({ version: "1.2.3" });
  assert.equal(await newest(answer), "1.2.3");
  assert.deepEqual(asked, ["https://host/releases/latest/download/latest.json", "https://cdn/f"]);
});

/** `[answer, why it is none]` */
const NONE: readonly (readonly [answer: () => Response, says: RegExp])[] = [
  [() => new Response("", { status: 404 }), /host answered with status 404/],
  [() => new Response("<html>"), /did not say a version/],
  [() => Response.json({ version: "soon" }), /did not say a version/],
  [() => new Response(null, { status: 302, headers: { location: "/again" } }), /answered with status 302/],
  [() => {
    throw new SendError("not_sent", "connection refused");
  }, /cannot be reached: connection refused/],
];

for (const [answer, says] of NONE) {
  Deno.test(`newestVersion() fails with ${says.source}`, async () => {
    await assert.rejects(newest(answer), says);
  });
}

const ORDER: readonly (readonly [other: string, version: string, newer: boolean])[] = [
  ["0.2.0", "0.1.9", true],
  ["0.10.0", "0.9.0", true],
  ["1.0.0", "1.0.0", false],
  ["0.9.9", "1.0.0", false],
  ["1.0.1-rc.1", "1.0.0", true],
];

for (const [other, version, newer] of ORDER) {
  Deno.test(`isNewer(${other}, ${version}) is ${newer}`, () => assert.equal(isNewer(other, version), newer));
}
