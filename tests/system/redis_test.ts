import assert from "node:assert/strict";
import { systemClock } from "../../src/system/clock.ts";
import { type RedisAddress, RedisConnection, RedisError } from "../../src/system/redis.ts";

const ADDRESS: Omit<RedisAddress, "port"> = {
  hostname: "127.0.0.1",
  isTls: false,
  caCerts: undefined,
  username: "cdx2",
  password: "engine-password",
  database: 3,
};

/** A server that gives these answers, in their order, and what it was asked. */
async function withServer(
  answers: readonly string[],
  act: (open: () => Promise<RedisConnection>, messages: string[]) => Promise<void>,
  timeoutMs = 10_000,
): Promise<string> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let asked = "";
  const serving = (async () => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(4096);
    const left = [...answers];
    for (;;) {
      const count = await connection.read(buffer).catch(() => null);
      if (count === null) return;
      asked += new TextDecoder().decode(buffer.subarray(0, count));
      const answer = left.shift();
      if (answer !== undefined) await connection.write(new TextEncoder().encode(answer));
    }
  })();
  const messages: string[] = [];
  const options = { clock: systemClock, timeoutMs, onMessage: (text: string) => void messages.push(text) };
  await act(() => RedisConnection.open({ ...ADDRESS, port: listener.addr.port }, options), messages);
  await serving;
  return asked;
}

Deno.test("a connection signs in, chooses its database and tells answers from messages", async () => {
  const message = "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n";
  const asked = await withServer(["+OK\r\n", "+OK\r\n", message + "+PONG\r\n"], async (open, messages) => {
    const connection = await open();
    assert.equal(await connection.call("PING"), "PONG");
    assert.deepEqual(messages, ["hi"]);
    connection.close();
    await assert.rejects(connection.call("PING"), RedisError);
  });
  assert.match(asked, /AUTH[^]*cdx2[^]*engine-password[^]*SELECT[^]*3[^]*PING/);
});

const FAILURES: readonly (readonly [answer: string, reason: string])[] = [
  ["-WRONGPASS invalid username-password pair or user is disabled.\r\n", "wrong user or password"],
  ["-ERR AUTH <password> called without any password configured\r\n", "wrong user or password"],
  ["-NOPERM no permissions engine-password\r\n", "this user may not do what is needed there"],
  ["-LOADING Redis is loading the dataset in memory\r\n", "it is still loading its data"],
  ["-WHATEVER engine-password\r\n", "it answered WHATEVER"],
  ["-constructor\r\n", "it answered constructor"],
  ["HTTP/1.1 400 Bad Request\r\n", "it speaks another protocol"],
];

for (const [answer, reason] of FAILURES) {
  Deno.test(`a connection says that ${reason}, and repeats nothing that was sent`, async () => {
    await withServer([answer], async (open) => {
      await assert.rejects(open, (error: Error) => error instanceof RedisError && error.message === reason);
    });
  });
}

Deno.test("a connection that does not answer in time is given up, with all that wait for it", async () => {
  await withServer(["+OK\r\n", "+OK\r\n"], async (open) => {
    const connection = await open();
    const calls = [connection.call("PING"), connection.call("TIME")];
    for (const call of calls) await assert.rejects(call, /no answer within 500ms/);
    assert.match(await connection.ended, /no answer/);
  }, 500);
});
