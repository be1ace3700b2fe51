/**
 * All things of one kind that the members of a shared pool know together, by name, and how each is written and read.
 * @module
 */

import { isObject, parseJson } from "../values/json.ts";
import { Replica, type ReplicaOptions, type SharedRecord } from "./replica.ts";

/** A kind of things. */
export interface Kind<Value> extends Omit<ReplicaOptions<Value>, "nextTag"> {
  /** Its name in records. */
  readonly kind: string;
  /** How long a record is worth keeping. */
  readonly keepMs: number;
  /** Whether members put back what the store has lost of it. */
  readonly isPutBack: boolean;
  /** Reads a value that came as JSON; `undefined` for what is none. */
  readonly read: (value: unknown) => Value | undefined;
  /** Another member told something of this name. */
  readonly onNews: (name: string) => void;
  /** What this member has told of this name is stored. */
  readonly onStored: (name: string) => void;
}

/** The things of one kind. */
export class Shelf<Value> {
  readonly #kind: Kind<Value>;
  readonly #nextTag: () => string;
  readonly #replicas = new Map<string, Replica<Value>>();

  /** `nextTag` as in {@link ReplicaOptions}. */
  constructor(kind: Kind<Value>, nextTag: () => string) {
    this.#kind = kind;
    this.#nextTag = nextTag;
  }

  /** As in {@link Kind}. */
  get keepMs(): number {
    return this.#kind.keepMs;
  }

  /** As in {@link Kind}. */
  get isPutBack(): boolean {
    return this.#kind.isPutBack;
  }

  /** All names that are known. */
  get names(): readonly string[] {
    return [...this.#replicas.keys()];
  }

  /** The thing of this name, perhaps with nothing known of it yet. */
  replica(name: string): Replica<Value> {
    const { initial, isWorth } = this.#kind;
    return this.#replicas.getOrInsertComputed(
      name,
      () => new Replica({ initial, isWorth, nextTag: this.#nextTag }),
    );
  }

  /** What is known of it; `undefined` when nothing is. */
  view(name: string): Value | undefined {
    const replica = this.#replicas.get(name);
    return replica && (replica.known || replica.pending > 0) ? replica.view : undefined;
  }

  /** How many changes are to be told. */
  get pending(): number {
    return [...this.#replicas.values()].reduce((sum, { untold }) => sum + untold, 0);
  }

  /** The text of a record, to be sealed. */
  text({ writers, value }: SharedRecord<Value>): string {
    return JSON.stringify({ kind: this.#kind.kind, writers, value });
  }

  /** The record of a text; `undefined` when it is of another kind or cannot be read. */
  read(text: string, { version, tag }: { version: number; tag: string }): SharedRecord<Value> | undefined {
    const content = parseJson(text);
    if (!isObject(content) || content["kind"] !== this.#kind.kind) return undefined;
    const { writers, value } = content;
    const read = this.#kind.read(value);
    if (read === undefined || !Array.isArray(writers)) return undefined;
    return { version, tag, writers: writers.map(String), value: read };
  }

  /** Another member told something of this name. */
  news(name: string): void {
    this.#kind.onNews(name);
  }

  /** What this member has told of this name is stored. */
  stored(name: string): void {
    this.#kind.onStored(name);
  }
}

/** A shelf of whatever kind: it reads and writes its own values, and others look at none. */
// deno-lint-ignore no-explicit-any -- as above
export type AnyShelf = Shelf<any>;
