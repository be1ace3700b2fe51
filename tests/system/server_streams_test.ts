// Whole conversations with our server, valid ones and damaged ones, cut at random.

import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import fc from "fast-check";
import type { Handler } from "../../src/system/exchange.ts";
import { damaged, damages } from "../support/damage.ts";
import { fuzzRuns } from "../support/fuzz.ts";
import { bytesOf, cut } from "../support/raw_http.ts";
import { answersIn, bodyOf, Pieces, plain, Served, streamed } from "../support/served.ts";
import { latin1 } from "../../src/values/latin1.ts";

// Each run has connections of its own, and turns of the event loop.
const RUNS = fuzzRuns(600);

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const request = fc.record({
  method: fc.constantFrom("GET", "POST", "HEAD", "x-own"),
  path: fc.stringMatching(/^[a-z0-9?&=%]{0,8}$/),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map(latin1),
    fc.constantFrom("0\r\n\r\n", "GET /x HTTP/1.1\r\n\r\n", "x".repeat(9000)),
  ),
  framing: fc.constantFrom("none", "length", "chunked"),
  sizes: fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 6 }),
  extension: fc.constantFrom("", ";a", ';a="b c"', " ;x=y"),
  trailers: fc.constantFrom("", "a: b\r\n", "a: b\r\nc: \r\n"),
  header: fc.constantFrom("", "x-a: b\r\n", "X-A:\tcaf\xe9 \r\n", "expect: 100-continue\r\n"),
  before: fc.constantFrom("", "", "\r\n"),
});
const requests = fc.array(request, { minLength: 1, maxLength: 5 });

function serialised({ method, path, body, framing, sizes, ...more }: ValueOf<typeof request>): string {
  const head = `${more.before}${method} /${path} HTTP/1.1\r\nhost: h\r\n${more.header}`;
  if (framing === "none") return `${head}\r\n`;
  if (framing === "length") return `${head}content-length: ${body.length}\r\n\r\n${body}`;
  let [chunks, at] = ["", 0];
  for (const size of [...sizes, body.length]) {
    const chunk = body.slice(at, at + size);
    if (chunk) chunks += `${chunk.length.toString(16)}${more.extension}\r\n${chunk}\r\n`;
    at += size;
  }
  return `${head}transfer-encoding: chunked\r\n\r\n${chunks}0\r\n${more.trailers}\r\n`;
}

/** How a handler answers: by the number of the request. */
const behaviour = fc.constantFrom("whole", "pieces", "fails", "reads nothing", "breaks", "empty", "late");
const behaviours = fc.array(behaviour, { minLength: 1, maxLength: 5 });

/** What a handler got of each request. */
class Heard {
  readonly methods: string[] = [];
  readonly bodies: string[] = [];
  completed = 0;
  readonly handle: Handler;

  constructor(behaviours: readonly ValueOf<typeof behaviour>[]) {
    this.handle = async (request, { completed }) => {
      const number = this.methods.push(request.method) - 1;
      void completed.then(() => this.completed++);
      const how = behaviours[number % behaviours.length]!;
      if (how === "reads nothing") return plain(`${number}`);
      this.bodies[number] = `${request.url} ${await bodyOf(request)}`;
      switch (how) {
        case "fails":
          throw new Error("failed");
        case "breaks":
          return streamed(new Pieces("a", new Error("broke")));
        case "pieces":
          return streamed(new Pieces("", `${number}`, "", undefined));
        case "empty":
          return { status: 204, headers: new Headers(), body: null };
        case "late": {
          const pieces = new Pieces();
          setImmediate(() => pieces.say(`${number}`, undefined));
          return streamed(pieces);
        }
      }
      return plain(`${number}`);
    };
  }
}

const places = fc.array(fc.nat(3000), { maxLength: 12 });

/** Says all of it, in these parts, and ends. */
async function conversation(
  text: string,
  at: readonly number[],
  behaviours: readonly ValueOf<typeof behaviour>[],
) {
  const heard = new Heard(behaviours);
  const served = new Served(heard.handle);
  const bytes = bytesOf(text);
  const parts = cut(bytes, at.map((place) => place % (bytes.length + 1)));
  for (const part of parts) {
    served.wire.say(part);
    if (part.length % 2 === 0) await served.settle();
  }
  // As long as something happens.
  for (let sent = -1; sent !== served.wire.sent.length;) {
    sent = served.wire.sent.length;
    await served.settle();
    await served.settle();
  }
  const wasOpen = !served.wire.isWriteClosed && !served.wire.isClosed;
  served.wire.end();
  await served.ended;
  return { heard, served, wasOpen };
}

Deno.test("requests are read exactly, however they are framed and cut, and answered in order", async () => {
  const whole = fc.array(fc.constantFrom("whole", "pieces", "fails", "empty", "late"), {
    minLength: 1,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(requests, places, whole, async (asked, at, hows) => {
      const { heard, served, wasOpen } = await conversation(asked.map(serialised).join(""), at, hows);
      assert.deepEqual(heard.methods, asked.map(({ method }) => method));
      assert.deepEqual(
        heard.bodies,
        asked.map(({ path, body, framing }) => {
          const isNone = framing === "none" || (framing === "length" && body === "");
          return `http://localhost/${path} ${isNone ? "none" : body}`;
        }),
      );
      const answers = answersIn(served.wire.sent, heard.methods);
      assert.deepEqual(
        answers.map(({ status, body }) => `${status} ${body}`),
        asked.map(({ method }, number) => {
          const how = hows[number % hows.length]!;
          const body = method === "HEAD" || how === "fails" || how === "empty" ? "" : `${number}`;
          return `${how === "fails" ? 500 : how === "empty" ? 204 : 200} ${body}`;
        }),
      );
      assert.deepEqual([wasOpen, served.hasEnded, served.wire.isClosed], [true, true, true]);
      assert.deepEqual([heard.completed, served.clock.pendingTimers], [asked.length, 0]);
    }),
    { numRuns: RUNS },
  );
});

const mutations = damages(
  3000,
  fc.constantFrom(
    "\r",
    "\n",
    "\r\n",
    "\0",
    " ",
    ":",
    ";",
    "0",
    "f",
    "-",
    "\r\n\r\n",
    "HTTP/1.0",
    "content-length: 3\r\n",
  ),
  fc.constantFrom(
    "transfer-encoding: chunked\r\n",
    "connection: close\r\n",
    "expect: 100-continue\r\n",
    "host: x\r\n",
  ),
);

Deno.test("damaged requests get whole answers or none, and the connection ends with its client", async () => {
  await fc.assert(
    fc.asyncProperty(requests, mutations, places, behaviours, async (asked, changes, at, hows) => {
      const text = damaged(asked.map(serialised).join(""), changes);
      const { heard, served } = await conversation(text, at, hows);
      assert.deepEqual([served.hasEnded, served.wire.isClosed, served.clock.pendingTimers], [true, true, 0]);
      assert.equal(heard.completed, heard.methods.length);
      const breaks = (method: string, number: number) =>
        method !== "HEAD" && hows[number % hows.length] === "breaks";
      const isCut = heard.methods.some(breaks);
      const answers = answersIn(served.wire.sent, heard.methods, isCut);
      // To a client of HTTP/1.0 the one that breaks off may look whole.
      if (isCut) return assert.ok(answers.length <= heard.methods.length);
      // After the last request there may be one that was refused.
      assert.ok(answers.length === heard.methods.length || answers.length === heard.methods.length + 1);
      const last = answers.at(-1);
      if (answers.length > heard.methods.length) {
        assert.ok([400, 431, 501, 505].includes(last!.status) && !last!.isKept, `status ${last!.status}`);
      }
    }),
    { numRuns: RUNS },
  );
});

Deno.test("damaged requests mean the same however they are cut", async () => {
  await fc.assert(
    fc.asyncProperty(requests, mutations, places, async (asked, changes, at) => {
      const text = damaged(asked.map(serialised).join(""), changes);
      const [whole, cutUp] = [
        await conversation(text, [], ["whole"]),
        await conversation(text, at, ["whole"]),
      ];
      assert.deepEqual([cutUp.heard.methods, cutUp.heard.bodies], [whole.heard.methods, whole.heard.bodies]);
      const sentBy = ({ served }: typeof whole) =>
        served.wire.sent.replaceAll("HTTP/1.1 100 Continue\r\n\r\n", "");
      assert.equal(sentBy(cutUp), sentBy(whole));
    }),
    { numRuns: RUNS },
  );
});
