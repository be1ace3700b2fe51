/**
 * What is the matter with TLS, as Deno's texts mean it: most of them name a type of its library, or end with numbers of seconds.
 * @module
 */

/** What can be the matter. */
export type TlsFaultKind =
  | "unknown_authority"
  | "expired"
  | "not_yet"
  | "other_name"
  | "authority"
  | "no_tls"
  | "unusable";

/** A fault. */
export interface TlsFault {
  readonly kind: TlsFaultKind;
  /** A few words, such as `its certificate has expired`. */
  readonly text: string;
}

/** Texts of rustls 0.23, which Deno 2.6 and 2.9 pass on; the first that matches counts. */
const FAULTS: readonly (readonly [pattern: RegExp, kind: TlsFaultKind, text: string])[] = [
  [/certificate: ?UnknownIssuer/i, "unknown_authority", "its certificate is from an unknown authority"],
  [/certificate: ?(certificate )?expired/i, "expired", "its certificate has expired"],
  [/certificate: ?(certificate )?not ?valid ?yet/i, "not_yet", "its certificate is not valid yet"],
  [
    /certificate: ?(certificate )?not ?valid ?for ?name/i,
    "other_name",
    "its certificate is for another name",
  ],
  [
    /CaUsedAsEndEntity/i,
    "authority",
    "its certificate is the one of an authority, not one that an authority has signed",
  ],
  [/corrupt message of type InvalidContentType/i, "no_tls", "it speaks no TLS"],
  [/invalid peer certificate/i, "unusable", "its certificate cannot be used"],
];

/** The fault of a message of Deno; `undefined` when it is not about TLS. */
export function tlsFault(message: string): TlsFault | undefined {
  const found = FAULTS.find(([pattern]) => pattern.test(message));
  return found && { kind: found[1], text: found[2] };
}

/** The kind of a fault by its {@link TlsFault.text}; `undefined` for any other text. */
export function tlsFaultOf(text: string): TlsFaultKind | undefined {
  return FAULTS.find((fault) => fault[2] === text)?.[1];
}
