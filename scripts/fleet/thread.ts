/**
 * Threads that are asked one thing at a time, and what a member is given to join the pool of the proofs.
 * @module
 */

import type { SharedStart } from "../../src/runtime/sandbox.ts";
import { POOL_SECRET } from "../../tests/support/pool_home.ts";
import type { RedisServer } from "../../tests/support/redis_server.ts";

/** The name of the pool. */
export const NAMESPACE = "cdx2";

/** What a member of this name is started with. */
export function startOf(member: string, { address }: Pick<RedisServer, "address">): SharedStart {
  const identity = { member, host: member, memberId: member, mayBeHome: false, claims: {} };
  return { address, secret: POOL_SECRET, namespace: NAMESPACE, ...identity };
}

/** A thread. Disposing of it ends it. */
export class Thread<Request, Answer> implements Disposable {
  readonly #worker: Worker;

  /** Runs a script of this folder. */
  constructor(script: string) {
    this.#worker = new Worker(new URL(script, import.meta.url), { type: "module" });
  }

  /** What it answers to a request. The one before has to be answered. @throws {Error} when the thread breaks */
  ask(request: Request): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#worker.onmessage = ({ data }) => resolve(data);
    this.#worker.onerror = ({ message }) => reject(new Error(message));
    this.#worker.postMessage(request);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
