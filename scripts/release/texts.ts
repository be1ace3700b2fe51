/**
 * The texts of a release: checksums, notes, and templates with the address and the checksums filled in.
 * @module
 */

import { archiveName, type Target, TARGETS } from "./targets.ts";

/** In the sources, where a release has the address of its files: `<address>/download/v1.2.3/FILE`. */
export const ADDRESS_PLACEHOLDER = "@RELEASES_URL@";

/** A file's SHA-256, in hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();
}

/** A line of SHA256SUMS for each file, as `sha256sum --check` reads them. */
export function checksumLines(sums: ReadonlyMap<string, string>): string {
  return [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join("");
}

/**
 * The part of the changelog about a version; about what is not released yet when the version has none.
 * @throws {Error} when it has neither
 */
export function notesFor(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const named = (title: string) => sections.find((section) => section.split(/[\s]/)[0] === title);
  const section = named(version) ?? named("Unreleased");
  if (section === undefined) throw new Error(`docs/changelog.md has no section for ${version}`);
  return section.slice(section.indexOf("\n")).trim() + "\n";
}

/** What a template is filled with. */
export interface Filling {
  readonly version: string;
  readonly address: string;
  /** Of each archive, by its name. */
  readonly sums: ReadonlyMap<string, string>;
}

/**
 * A template with its values: `@VERSION@`, the address, and for each target `@SHA256 TRIPLE@`. A line that ends with
 * `@IF TRIPLE@` is only there when the release has that target.
 */
export function filled(template: string, { version, address, sums }: Filling): string {
  const lines = template.split("\n").flatMap((line) => {
    const [, text = line, triple] = /^(.*?)\s*(?:#|\/\/) ?@IF (\S+)@$/.exec(line) ?? [];
    return triple === undefined || sums.has(archiveOf(triple)) ? [text] : [];
  });
  return lines.join("\n").replaceAll("@VERSION@", version).replaceAll(ADDRESS_PLACEHOLDER, address)
    .replace(/@SHA256 (\S+)@/g, (_, triple) => sums.get(archiveOf(triple)) ?? "");
}

function archiveOf(triple: string): string {
  const target: Target | undefined = TARGETS.find((known) => known.triple === triple);
  if (target === undefined) throw new Error(`a template names the target ${triple}, which there is not`);
  return archiveName(target);
}
