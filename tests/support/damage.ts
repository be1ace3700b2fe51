// Messages with a few bytes replaced, put in or left out.

import fc from "fast-check";

/** One change of a text. */
export interface Damage {
  /** Beyond the end it begins again at the front. */
  readonly place: number;
  readonly kind: "replace" | "insert" | "remove";
  readonly text: string;
}

/** One to four changes: of one of these kinds of text, or of one to three bytes. */
export function damages(maxPlace: number, ...texts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<Damage[]> {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 3 }).map((bytes) => String.fromCharCode(...bytes));
  return fc.array(
    fc.record({
      place: fc.nat(maxPlace),
      kind: fc.constantFrom("replace", "insert", "remove"),
      text: fc.oneof(...texts, bytes),
    }),
    { minLength: 1, maxLength: 4 },
  );
}

/** The text after these changes, one after the other. */
export function damaged(text: string, changes: readonly Damage[]): string {
  for (const { place, kind, text: other } of changes) {
    const at = place % (text.length + 1);
    const rest = kind === "insert" ? at : at + (kind === "remove" ? 1 : other.length);
    text = text.slice(0, at) + (kind === "remove" ? "" : other) + text.slice(rest);
  }
  return text;
}
