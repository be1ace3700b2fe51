/**
 * XML of the plain kind that the managers of macOS and Windows read: elements, and texts in them.
 * @module
 */

/** A text inside of an element. Characters that XML 1.0 cannot hold are left out. */
export function xmlText(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what has to go
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** An element with a text. */
export function xmlElement(name: string, text: string): string {
  return `<${name}>${xmlText(text)}</${name}>`;
}

/** Lines, further in. */
export function indented(lines: readonly string[], by = 2): readonly string[] {
  return lines.map((line) => " ".repeat(by) + line);
}
