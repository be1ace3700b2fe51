/**
 * One connection to Redis or Valkey: commands are answered in their order, and what others publish comes in between. A
 * connection that does not answer in time is given up: nobody may wait for it.
 * @module
 */

import type { Clock } from "./clock.ts";
import { connect, type Connection } from "./connect.ts";
import { closeQuietly, readMore, writeAll } from "./wire.ts";
import { reasonOf } from "./http.ts";
import { respCommand, RespError, RespReader, type RespValue } from "./resp.ts";
import { latencyText } from "../values/durations.ts";
import { entryOf } from "../values/lookup.ts";

/** Where the server is, and who we are there. */
export interface RedisAddress {
  /** A name or an IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** Its port. */
  readonly port: number;
  /** Whether TLS is spoken there. */
  readonly isTls: boolean;
  /** The certificate authorities that it may have its certificate from, as PEM; `undefined`: those of the system. */
  readonly caCerts: string | undefined;
  /** `undefined`: the default user. */
  readonly username: string | undefined;
  /** `undefined`: none is asked for. */
  readonly password: string | undefined;
  /** The number of the database. */
  readonly database: number;
}

/** A command failed, or the connection. The message is a few words for the user. */
export class RedisError extends Error {}

/** What a connection works with. */
export interface RedisOptions {
  /** Measures the times. */
  readonly clock: Clock;
  /** How long connecting and each answer may take. */
  readonly timeoutMs: number;
  /** Takes what others publish. */
  readonly onMessage: (text: string) => void;
}

interface Waiter {
  readonly resolve: (value: RespValue) => void;
  readonly reject: (error: RedisError) => void;
}

/** An open connection. */
export class RedisConnection {
  readonly #connection: Connection;
  readonly #options: RedisOptions;
  readonly #waiting: Waiter[] = [];
  readonly #ended = Promise.withResolvers<string>();
  #writing: Promise<void> = Promise.resolve();
  #failure: string | undefined;

  /** Connects and signs in. @throws {@link RedisError} */
  static async open(address: RedisAddress, options: RedisOptions): Promise<RedisConnection> {
    const { hostname, port, isTls, caCerts, username, password, database } = address;
    const { clock, timeoutMs } = options;
    const to = { hostname, port, isTls, authority: `${hostname}:${port}` };
    const { signal } = new AbortController();
    const tls = { caCerts: caCerts === undefined ? undefined : [caCerts], alpnProtocols: undefined };
    const connection = await connect(to, { clock, signal, timeoutMs, httpProxy: undefined, tls })
      .catch((error) => {
        throw new RedisError(reasonOf(error));
      });
    const redis = new RedisConnection(connection, options);
    try {
      if (password !== undefined) await redis.call("AUTH", ...(username ? [username] : []), password);
      if (database !== 0) await redis.call("SELECT", String(database));
      return redis;
    } catch (error) {
      redis.close();
      throw error;
    }
  }

  private constructor(connection: Connection, options: RedisOptions) {
    this.#connection = connection;
    this.#options = options;
    void this.#readOn();
  }

  /** Resolves with the reason once the connection is of no use. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  /** The answer to a command. @throws {@link RedisError} when it fails, or there is none in time */
  call(...words: readonly string[]): Promise<RespValue> {
    if (this.#failure !== undefined) return Promise.reject(new RedisError(this.#failure));
    const { promise, resolve, reject } = Promise.withResolvers<RespValue>();
    const { clock, timeoutMs } = this.#options;
    const cancel = clock.after(timeoutMs, () => this.#end(`no answer within ${latencyText(timeoutMs)}`));
    this.#waiting.push({ resolve, reject });
    this.#writing = this.#writing
      .then(() => writeAll(this.#connection, respCommand(words)))
      .catch((error) => this.#end(reasonOf(error)));
    return promise.then((value) => {
      if (value instanceof RespError) throw new RedisError(meaningOf(value.text));
      return value;
    }).finally(cancel);
  }

  /** Ends it. */
  close(): void {
    this.#end("it was closed");
  }

  async #readOn(): Promise<void> {
    const reader = new RespReader();
    try {
      for (;;) {
        const bytes = await readMore(this.#connection);
        if (!bytes) return this.#end("it closed the connection");
        for (const value of reader.read(bytes)) this.#take(value);
      }
    } catch (error) {
      this.#end(reasonOf(error));
    }
  }

  #take(value: RespValue): void {
    const message = Array.isArray(value) && value[0] === "message" ? value[2] : undefined;
    if (message === undefined) this.#waiting.shift()?.resolve(value);
    else if (typeof message === "string") this.#options.onMessage(message);
  }

  #end(reason: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    closeQuietly(this.#connection);
    for (const { reject } of this.#waiting.splice(0)) reject(new RedisError(reason));
    this.#ended.resolve(reason);
  }
}

// What the servers call the situations in which a pool goes on without them.
const MEANINGS: Readonly<Record<string, string>> = {
  WRONGPASS: "wrong user or password",
  NOAUTH: "it asks for a password",
  NOPERM: "this user may not do what is needed there",
  READONLY: "it is read-only",
  OOM: "its memory is full",
  LOADING: "it is still loading its data",
  MISCONF: "it cannot save its data",
};

/** A failed command in a few words. The text of the server may repeat what we sent, so it is not shown. */
function meaningOf(text: string): string {
  const [code = ""] = text.split(" ");
  return entryOf(MEANINGS, code) ??
    (text.includes("AUTH") ? "wrong user or password" : `it answered ${code.slice(0, 20)}`);
}
