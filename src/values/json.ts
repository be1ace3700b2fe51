/**
 * JSON as it comes from outside: of any shape, or broken. None of these functions throws.
 * @module
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
/** A JSON object. */
export type Fields = { readonly [key: string]: Json };

/**
 * The value that a JSON text (RFC 8259) stands for, or `undefined` when the text is not JSON. A byte order mark before
 * it is ignored.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

/** A field of a JSON object; `undefined` when it has no such field, or when `value` is not an object. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/**
 * A text, number or boolean as text; "" for anything else. `String()` throws for some objects, such as `{"toString": 0}`.
 */
export function scalarText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";
}

/** A finite number, also one that is written as a text; `undefined` for anything else, of which `Number()` may throw. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** Whether a field says something: it is there, and neither `null` nor an empty text. */
export function isFilled(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** An object of JSON whose members are not known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is a JSON object: not a list and not `null`. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text without the blanks around it; `undefined` when nothing is left, and for other values. */
export function filledText(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
