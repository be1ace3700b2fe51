// A keyring in memory that fails on demand, and tells what was done to it.

import { KeyringError } from "../../src/keyring/items.ts";
import type { Keyring } from "../../src/keyring/keyring.ts";
import { Secret } from "../../src/values/secret.ts";

export class FakeKeyring implements Keyring {
  /** The tokens by entry. */
  readonly entries = new Map<string, string>();
  /** What was done, as `write ENTRY`. */
  readonly calls: string[] = [];
  /** Why nothing works; `undefined`: everything does. */
  problem: string | undefined;

  async read(entry: string): Promise<Secret | undefined> {
    await this.#do("read", entry);
    const text = this.entries.get(entry);
    return text === undefined ? undefined : new Secret(text);
  }

  async write(entry: string, tokens: Secret): Promise<void> {
    await this.#do("write", entry);
    this.entries.set(entry, tokens.reveal());
  }

  async remove(entry: string): Promise<void> {
    await this.#do("remove", entry);
    this.entries.delete(entry);
  }

  async check(): Promise<void> {
    await this.#do("check", "");
  }

  forget(): void {}

  /** What the keyring holds, in one text. */
  get text(): string {
    return [...this.entries.values()].join("\n");
  }

  #do(verb: string, entry: string): Promise<void> {
    this.calls.push(`${verb} ${entry}`.trim());
    return this.problem === undefined ? Promise.resolve() : Promise.reject(new KeyringError(this.problem));
  }
}
