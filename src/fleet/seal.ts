/**
 * What leaves this machine for the store of a shared pool: names that say nothing, and texts that only members can read
 * or make. All who have the pool's secret are full members.
 * @module
 */

import { createHmac } from "node:crypto";
import { keyFor, openText, sealText } from "../system/sealing.ts";
import type { Secret } from "../values/secret.ts";
import type { StoredRecord } from "./shared_store.ts";

const NAME_BYTES = 16;

/** The place of a record: a text under another name, or of another version, cannot be opened. */
type Place = Pick<StoredRecord, "version" | "tag"> & {
  /** The name of the record. */
  readonly name: string;
};

/** Names and seals for the members of one pool. */
export class Seal {
  readonly #namespace: string;
  readonly #nameKey: Uint8Array;
  readonly #sealKey: Uint8Array;

  /** Pools of the same secret have nothing to do with each other when their namespaces differ. */
  constructor(secret: Secret, namespace: string) {
    this.#namespace = namespace;
    this.#nameKey = keyFor("cdx2 shared pool: names", secret.reveal(), namespace);
    this.#sealKey = keyFor("cdx2 shared pool: records", secret.reveal(), namespace);
  }

  /** What something of this kind is called in the store: 22 characters that nobody without the secret can link to it. */
  name(kind: string, id: string): string {
    const digest = createHmac("sha256", this.#nameKey).update(`${kind}\0${id}`).digest();
    return digest.subarray(0, NAME_BYTES).toString("base64url");
  }

  /** Seals a text, in base64. */
  seal(text: string, place: Place): string {
    return sealText(text, this.#sealKey, this.#about(place));
  }

  /** The text again; `undefined` when it was not sealed for this place with this secret. */
  open(sealed: string, place: Place): string | undefined {
    return openText(sealed, this.#sealKey, this.#about(place));
  }

  #about({ name, version, tag }: Place): string {
    return `${this.#namespace}\0${name}\0${version}\0${tag}`;
  }
}
