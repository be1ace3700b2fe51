// What can become of the Redis server of a shared pool, and how it gets well again.

import { PASSWORD, type RedisServer } from "./redis_server.ts";

export interface EngineFault {
  readonly name: string;
  readonly begin: (engine: RedisServer) => Promise<unknown>;
  readonly end: (engine: RedisServer) => Promise<unknown>;
  /** What the proxies say of it; `undefined` when it may pass unnoticed. */
  readonly reason: RegExp | undefined;
}

const OTHER_PASSWORD = "another-password";
const CUTS = 20;
const CUT_PAUSE_MS = 100;

/** Closes the connections of all members. */
export async function cutClients(engine: RedisServer): Promise<void> {
  await engine.cli("CLIENT KILL TYPE normal");
  await engine.cli("CLIENT KILL TYPE pubsub");
}

async function cutOften(engine: RedisServer): Promise<void> {
  for (let count = 0; count < CUTS; count++) {
    await cutClients(engine);
    await new Promise((resolve) => setTimeout(resolve, CUT_PAUSE_MS));
  }
}

const nothing = () => Promise.resolve();

/** In these it can still be reached, and does not do what is asked of it. */
export const REFUSALS: readonly EngineFault[] = [
  {
    name: "its memory is full",
    begin: (engine) => engine.cli("CONFIG SET maxmemory 1"),
    end: (engine) => engine.cli("CONFIG SET maxmemory 0"),
    reason: /its memory is full/,
  },
  {
    name: "read-only, as a replica is",
    begin: (engine) => engine.cli("REPLICAOF 127.0.0.1 1"),
    end: (engine) => engine.cli("REPLICAOF NO ONE"),
    reason: /it is read-only/,
  },
  {
    name: "another password",
    begin: async (engine) => {
      await engine.cli(`CONFIG SET requirepass ${OTHER_PASSWORD}`);
      // Those who are in stay in.
      await engine.cli(`AUTH ${OTHER_PASSWORD}\r\nCLIENT KILL TYPE pubsub`);
    },
    end: (engine) => engine.cli(`AUTH ${OTHER_PASSWORD}\r\nCONFIG SET requirepass ${PASSWORD}`),
    reason: /wrong user or password/,
  },
  {
    name: "the user may not do what is needed",
    begin: (engine) => engine.cli("ACL SETUSER default -eval"),
    end: (engine) => engine.cli("ACL SETUSER default +eval"),
    reason: /this user may not do what is needed there/,
  },
];

/** In these it cannot be reached, or forgets. */
export const OUTAGES: readonly EngineFault[] = [
  {
    name: "killed, then started empty",
    begin: (engine) => engine.signal("SIGKILL"),
    end: (engine) => engine.start(),
    reason: /refused|closed/,
  },
  {
    name: "frozen",
    begin: (engine) => engine.signal("SIGSTOP"),
    end: (engine) => engine.signal("SIGCONT"),
    reason: /no answer within 1s/,
  },
  { name: "wiped", begin: (engine) => engine.cli("FLUSHALL"), end: nothing, reason: undefined },
  { name: `clients cut ${CUTS} times`, begin: cutOften, end: nothing, reason: undefined },
];
