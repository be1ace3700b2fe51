/**
 * Remembers what was worked out for the last few texts. What requests say about themselves (a path, a session, a key)
 * is the same again and again, and a look into a map costs less than a regular expression or a hash.
 * @module
 */

// A client may send anything: what it makes us keep is bounded, in number and in length.
const MAX_ENTRIES = 256;
const MAX_CHARS = 256;

/**
 * The same function, which does not work out again what it gave for one of the last 256 texts. Of texts with more than
 * 256 characters nothing is kept. `act` is pure, and what it returns is shared by all callers.
 */
export function remembered<Value extends NonNullable<unknown>>(
  act: (text: string) => Value,
): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = act(text);
    if (text.length > MAX_CHARS) return value;
    if (known.size >= MAX_ENTRIES) known.delete(known.keys().next().value!);
    known.set(text, value);
    return value;
  };
}
