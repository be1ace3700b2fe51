// JSON that nobody sends by mistake: under the names that are looked at stand values of every kind, among them objects of
// which neither a text nor a number can be made, so that String() and Number() throw.

import fc from "fast-check";

/** `String()` and `Number()` of it throw. */
export const UNTEXTUAL: Readonly<Record<string, unknown>> = { toString: 0, valueOf: 0 };

/** JSON whose objects have fields of these names. */
export function oddJson(...names: readonly string[]): fc.Arbitrary<unknown> {
  const leaf = fc.constantFrom<unknown>(
    UNTEXTUAL,
    [UNTEXTUAL],
    null,
    true,
    "",
    "429",
    429,
    -1,
    1e300,
    "a b",
    [],
    {},
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.dictionary(fc.constantFrom(...names), tie("json"), { minKeys: 1 }),
    ),
  }));
  return json!;
}
