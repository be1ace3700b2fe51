// JSON Web Tokens, as logins hold them.

import { Buffer } from "node:buffer";

/** A token with these claims, and a signature that nobody checks. */
export function jwt(claims: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.c2lnbmF0dXJl`;
}
