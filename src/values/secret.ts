/**
 * A value that must not be shown. Printing, inspecting or JSON-encoding a Secret gives `[REDACTED]`; only code
 * that says `reveal()` sees the text, so that a search for that word finds every use of a token.
 * @module
 */

const REDACTED = "[REDACTED]";

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  equals(other: Secret): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
