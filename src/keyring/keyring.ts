/**
 * The tokens of keys in the keyring of the system: one entry for each key. A long entry is kept in several items, which
 * are written before the item that names them, so that an entry is replaced as a whole or not at all.
 * @module
 */

import { sealOf } from "../auth/kept_tokens.ts";
import type { Clock } from "../system/clock.ts";
import type { System } from "../system/platform.ts";
import { runTool } from "../system/tool.ts";
import { randomKey } from "../system/random.ts";
import { Secret } from "../values/secret.ts";
import { KeyringError, type KeyringItems } from "./items.ts";
import { macSecurityItems } from "./mac_security.ts";
import { secretToolItems } from "./secret_tool.ts";

/** Where tokens are kept. All methods reject with a {@link KeyringError} when the keyring cannot be used. */
export interface Keyring {
  /**
   * The tokens of an entry; `undefined` when there is no such entry. `seal` names the state that the file knows of: one
   * that was read before is not read again.
   */
  read(entry: string, seal: string | undefined): Promise<Secret | undefined>;
  /** Makes an entry, or replaces it. Resolves when it was read back. */
  write(entry: string, tokens: Secret): Promise<void>;
  /** Also succeeds when there is none. */
  remove(entry: string): Promise<void>;
  /** Finds out whether the keyring can be used. */
  check(): Promise<void>;
  /** Reads every entry again from now on. */
  forget(): void;
}

const NAME_BYTES = 16;

/** A name for a new entry. */
export function newEntry(): string {
  return randomKey(NAME_BYTES).replace(/[^A-Za-z0-9]/g, "0");
}

/** The keyring of a system. `timeoutMs` is for each time that its program is run. */
export function systemKeyring(system: System, clock: Clock, timeoutMs: number): Keyring {
  const options = { runTool, timeoutMs };
  switch (system) {
    case "linux":
      return new ItemKeyring(secretToolItems(options), clock);
    case "darwin":
      return new ItemKeyring(macSecurityItems(options), clock);
    default:
      return new ItemKeyring(NO_ITEMS, clock);
  }
}

const noItems = () =>
  Promise.reject(
    new KeyringError(
      "there is no way to the keyring of this system yet",
      "keep tokens in files: CLIPROXY_KEYRING=off",
    ),
  );
const NO_ITEMS: KeyringItems = { maxChars: 8000, read: noItems, write: noItems, remove: noItems };

// A keyring that does not answer is not asked for each key in turn.
const FAILURE_KEPT_MS = 10_000;
// Somebody else may change an entry without changing the file.
const READING_KEPT_MS = 5 * 60_000;

/** A keyring over the items of a system. */
export class ItemKeyring implements Keyring {
  readonly #items: KeyringItems;
  readonly #clock: Clock;
  readonly #readings = new Map<string, { seal: string; tokens: Secret; atMs: number }>();
  #failure: { error: KeyringError; atMs: number } | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  /** `clock` limits how long an answer is kept. */
  constructor(items: KeyringItems, clock: Clock) {
    this.#items = items;
    this.#clock = clock;
  }

  read(entry: string, seal: string | undefined): Promise<Secret | undefined> {
    return this.#inTurn(async () => {
      const known = this.#readings.get(entry);
      if (known && known.seal === seal && !this.#isOver(known.atMs, READING_KEPT_MS)) return known.tokens;
      if (this.#failure && !this.#isOver(this.#failure.atMs, FAILURE_KEPT_MS)) throw this.#failure.error;
      const text = await this.#whole(await this.#items.read(entry), entry);
      const tokens = text === undefined ? undefined : decoded(text);
      // By what the file says: it may be older than the entry.
      if (tokens && seal !== undefined) this.#keep(entry, seal, tokens);
      return tokens;
    });
  }

  write(entry: string, tokens: Secret): Promise<void> {
    return this.#inTurn(async () => {
      const seal = sealOf(tokens.reveal());
      if (this.#readings.get(entry)?.tokens.equals(tokens)) return;
      this.#readings.delete(entry);
      const parts = partsOf(encoded(tokens), this.#items.maxChars);
      const before = await this.#items.read(entry);
      if (parts.length === 1) await this.#items.write(entry, parts[0]!);
      else {
        for (const [index, part] of parts.entries()) {
          await this.#items.write(`${entry}-${seal}-${index}`, part);
        }
        await this.#items.write(entry, `parts.${parts.length}.${seal}`);
      }
      for (const name of partNames(before, entry)) {
        if (!(parts.length > 1 && name.startsWith(`${entry}-${seal}-`))) await this.#items.remove(name);
      }
      this.#keep(entry, seal, tokens);
    });
  }

  remove(entry: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#readings.delete(entry);
      for (const name of partNames(await this.#items.read(entry), entry)) await this.#items.remove(name);
      await this.#items.remove(entry);
    });
  }

  check(): Promise<void> {
    return this.#inTurn(async () => void await this.#items.read("check"));
  }

  forget(): void {
    this.#readings.clear();
  }

  #keep(entry: string, seal: string, tokens: Secret): void {
    this.#readings.set(entry, { seal, tokens, atMs: this.#clock.nowMs() });
  }

  #isOver(atMs: number, keptMs: number): boolean {
    return Math.abs(this.#clock.nowMs() - atMs) > keptMs;
  }

  async #whole(text: string | undefined, entry: string): Promise<string | undefined> {
    const names = partNames(text, entry);
    if (names.length === 0) return text;
    const parts = await Promise.all(names.map((name) => this.#items.read(name)));
    return parts.includes(undefined) ? undefined : parts.join("");
  }

  /** One after the other: the first to fail spares the others the wait. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(act);
    this.#queue = turn.then(() => void (this.#failure = undefined), (error) => {
      if (!(error instanceof KeyringError) || error === this.#failure?.error) return;
      this.#failure = { error, atMs: this.#clock.nowMs() };
    });
    return turn;
  }
}

/** The items that an item of this text names. */
function partNames(text: string | undefined, entry: string): readonly string[] {
  const [, count, seal] = /^parts\.(\d{1,3})\.(\w+)$/.exec(text ?? "") ?? [];
  if (seal === undefined) return [];
  return Array.from({ length: Number(count) }, (_, index) => `${entry}-${seal}-${index}`);
}

function partsOf(text: string, maxChars: number): readonly string[] {
  const count = Math.ceil(text.length / maxChars);
  return Array.from({ length: count }, (_, index) => text.slice(index * maxChars, (index + 1) * maxChars));
}

// Base64 in characters that no program quotes.
function encoded(tokens: Secret): string {
  return new TextEncoder().encode(tokens.reveal()).toBase64({ alphabet: "base64url", omitPadding: true });
}

function decoded(text: string): Secret | undefined {
  try {
    return new Secret(new TextDecoder().decode(Uint8Array.fromBase64(text, { alphabet: "base64url" })));
  } catch {
    return undefined;
  }
}
