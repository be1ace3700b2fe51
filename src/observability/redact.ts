/**
 * Removes secrets from events before anything is written or shown: those that we know by their text, and whatever looks
 * like one. An event without a secret stays the same object.
 * @module
 */

import type { Secret } from "../values/secret.ts";
import { TOKEN_BEGINNINGS } from "../values/token_shape.ts";
import type { ProxyEvent } from "./event.ts";

const REDACTED = "[REDACTED]";

// A shorter text would also be found in ordinary words.
const MIN_SECRET_CHARS = 8;

const SECRET_NAME = String.raw`(?:access_token|refresh_token|id_token|api_key)`;

// Each branch consumes all that it has looked at or fails at once, so that no text makes the search slow. The group
// `lead` is kept.
const TOKEN_SHAPES = new RegExp(
  [
    // access_token=…, "api_key": "…", also escaped inside a JSON string; a scheme may follow.
    String
      .raw`(?<lead>(?i:${SECRET_NAME}[\\"']*\s*[:=]\s*[\\"']*(?:Bearer\s+)?|Bearer\s+(?=\S{8})))[^\s"'\\,;&}]+`,
    String.raw`(?<![A-Za-z0-9])${TOKEN_BEGINNINGS.jwt}[\w-]{8,}(?:\.[\w-]*)*`,
    String.raw`(?<![A-Za-z0-9])${TOKEN_BEGINNINGS.sure}[\w.-]{8,}`,
    // No word is as long.
    String.raw`(?<![\w.-])${TOKEN_BEGINNINGS.wordlike}[\w.-]{24,}`,
  ].join("|"),
  "g",
);

const SECRET_FIELD = new RegExp(`${SECRET_NAME}$`, "i");

// Part of whatever the two above find.
const SIGN_OF_SECRET = new RegExp(
  [SECRET_NAME, String.raw`bearer\s`, ...Object.values(TOKEN_BEGINNINGS)].join("|"),
  "i",
);

/** Secrets that we know by their text, found in a time that hardly depends on how many there are. */
export class KnownSecrets {
  readonly #byBeginning = new Map<string, string[]>();
  /** 1 where the beginning of one has its hash. */
  readonly #marks: Uint8Array;

  /** Of these; a secret of fewer than 8 characters would also be found in ordinary words, and is left out. */
  constructor(secrets: Iterable<Secret>) {
    for (const secret of secrets) this.#add(secret.reveal());
    const isLarge = this.#byBeginning.size > FEW;
    this.#marks = new Uint8Array(isLarge ? 1 << (32 - HASH_SHIFT) : 0);
    if (isLarge) {
      for (const beginning of this.#byBeginning.keys()) this.#marks[hashOf(beginning) >>> HASH_SHIFT] = 1;
    }
  }

  #add(text: string): void {
    if (text.length < MIN_SECRET_CHARS) return;
    const beginning = text.slice(0, MIN_SECRET_CHARS);
    const alike = this.#byBeginning.get(beginning);
    if (alike) alike.push(text);
    else this.#byBeginning.set(beginning, [text]);
  }

  /** Whether the text holds the beginning of one. */
  mayBeIn(text: string): boolean {
    return this.#byBeginning.size <= FEW ? this.#hasOneOf(text) : this.#hasPlace(text);
  }

  #hasOneOf(text: string): boolean {
    for (const beginning of this.#byBeginning.keys()) if (text.includes(beginning)) return true;
    return false;
  }

  /** Looks at the hash of each place first, which follows from that of the place before it. */
  #hasPlace(text: string): boolean {
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      hash = (Math.imul(hash, FACTOR) + text.charCodeAt(at)) | 0;
      if (at >= MIN_SECRET_CHARS) {
        hash = (hash - Math.imul(text.charCodeAt(at - MIN_SECRET_CHARS), LEAVING_FACTOR)) | 0;
      }
      if (this.#marks[hash >>> HASH_SHIFT] === 0) continue;
      if (this.#byBeginning.has(text.slice(Math.max(0, at + 1 - MIN_SECRET_CHARS), at + 1))) return true;
    }
    return false;
  }

  /** Those that the text holds, the longest first: when one begins with another, nothing of the longer one may be left. */
  in(text: string): readonly string[] {
    const found = this.#byBeginning.size <= FEW ? this.#inByEach(text) : this.#inByPlace(text);
    return found.length > 1 ? found.sort((a, b) => b.length - a.length) : found;
  }

  #inByEach(text: string): string[] {
    const found: string[] = [];
    for (const [beginning, alike] of this.#byBeginning) {
      if (!text.includes(beginning)) continue;
      for (const secret of alike) if (text.includes(secret)) found.push(secret);
    }
    return found;
  }

  #inByPlace(text: string): string[] {
    const found = new Set<string>();
    for (let at = 0; at <= text.length - MIN_SECRET_CHARS; at++) {
      const alike = this.#byBeginning.get(text.slice(at, at + MIN_SECRET_CHARS)) ?? [];
      for (const secret of alike) if (text.startsWith(secret, at)) found.add(secret);
    }
    return [...found];
  }
}

// To search a text for each of these is faster than to look up each of its places.
const FEW = 16;

// Of a rolling hash (R. Karp and M. Rabin, "Efficient randomized pattern-matching algorithms", 1987). What is to be told
// apart is in its upper bits.
const FACTOR = 0x01000193;
const HASH_SHIFT = 12;
// FACTOR to the power of MIN_SECRET_CHARS: what the character is multiplied with that leaves.
const LEAVING_FACTOR = Array.from({ length: MIN_SECRET_CHARS }).reduce(
  (power: number) => Math.imul(power, FACTOR),
  1,
);

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, FACTOR) + text.charCodeAt(at)) | 0;
  return hash;
}

/**
 * Whether one of the texts that are written in this JSON may hold something to be redacted: one look at all of it, which
 * may be wrong about a few, instead of several at each. A text is in JSON as it is, unless there is an escape.
 */
export function mayHoldSecret(json: string, known: KnownSecrets): boolean {
  return json.includes("\\") || SIGN_OF_SECRET.test(json) || known.mayBeIn(json);
}

/** Returns a function that redacts all texts of an event, at any depth. `secrets` is called for each event. */
export function createRedactor(secrets: () => KnownSecrets): (event: ProxyEvent) => ProxyEvent {
  return (event) => {
    const known = secrets();
    const message = redactKnown(event.message, known);
    const fields = redactJson(event.fields, known);
    if (message === event.message && fields === event.fields) return event;
    // A text stays a text and a list a list, so this is still an event of its name. Where a word of ours, such as an
    // outcome, happens to hold a secret, hiding it counts for more than the literal type.
    return { ...event, message, fields } as ProxyEvent;
  };
}

/** `text` with each known secret (of 8 characters or more) and each part that looks like a token as `[REDACTED]`. */
export function redactText(text: string, secrets: Iterable<Secret>): string {
  return redactKnown(text, new KnownSecrets(secrets));
}

/** The same fields with each text redacted; the very same object when there is nothing to hide. */
export function redactRow<T extends object>(row: T, secrets: KnownSecrets): T {
  return redactFields(row, secrets) as T;
}

function redactKnown(text: string, known: KnownSecrets): string {
  const rest = known.in(text).reduce((left, secret) => left.replaceAll(secret, REDACTED), text);
  return rest.replace(TOKEN_SHAPES, (_match, lead?: string) => (lead ?? "") + REDACTED);
}

/** The very same value when it holds no secret. */
function redactJson(value: unknown, known: KnownSecrets): unknown {
  if (typeof value === "string") return redactKnown(value, known);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => redactJson(item, known));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  return redactFields(value, known);
}

function redactFields(fields: object, known: KnownSecrets): object {
  let isChanged = false;
  const entries = Object.entries(fields).map(([name, value]: [string, unknown]) => {
    const newName = redactKnown(name, known);
    const isSecret = typeof value === "string" && SECRET_FIELD.test(name);
    const newValue = isSecret ? REDACTED : redactJson(value, known);
    isChanged ||= newName !== name || newValue !== value;
    return [newName, newValue] as const;
  });
  return isChanged ? Object.fromEntries(entries) : fields;
}
