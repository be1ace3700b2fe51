/**
 * A text that must not be shown. Only `reveal()` gives it back, so a search for that word finds every use of a token.
 * @module
 */

const REDACTED = "[REDACTED]";

/** A token or key. Printing, inspecting or JSON-encoding it gives `[REDACTED]`. */
export class Secret {
  readonly #text: string;

  /** `text` is kept as it is. */
  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. */
  reveal(): string {
    return this.#text;
  }

  /** Whether both have the same text. It is not in constant time, so never compare with what a client sent. */
  equals(other: Secret): boolean {
    return this.#text === other.#text;
  }

  /** For string templates and `String()`: `[REDACTED]`. */
  toString(): string {
    return REDACTED;
  }

  /** For `JSON.stringify`: `[REDACTED]`. */
  toJSON(): string {
    return REDACTED;
  }

  /** For `Deno.inspect` and Deno's console: `[REDACTED]`. */
  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  /** For `util.inspect` of Node: `[REDACTED]`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
