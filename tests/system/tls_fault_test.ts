import assert from "node:assert/strict";
import { tlsFault, type TlsFaultKind, tlsFaultOf } from "../../src/system/tls_fault.ts";

// As Deno 2.6.8 and 2.9.6 say it, measured with certificates of each kind.
const CASES: readonly [string, TlsFaultKind | undefined][] = [
  ["invalid peer certificate: UnknownIssuer", "unknown_authority"],
  [
    "error sending request for url (https://h/): client error (Connect): invalid peer certificate: certificate expired: " +
    "verification time 1795695426 (UNIX), but certificate is not valid after 1704499200 (91196226 seconds ago)",
    "expired",
  ],
  [
    "invalid peer certificate: certificate not valid yet: verification time 1795695426 (UNIX), but certificate is not valid " +
    "before 1893456000 (97760574 seconds in future)",
    "not_yet",
  ],
  [
    'invalid peer certificate: certificate not valid for name "h"; certificate is only valid for DnsName("other.example")',
    "other_name",
  ],
  ["invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", "authority"],
  ["received corrupt message of type InvalidContentType", "no_tls"],
  ["invalid peer certificate: BadSignature", "unusable"],
  ["Connection refused (os error 111)", undefined],
  ["", undefined],
];

for (const [message, kind] of CASES) {
  Deno.test(`tlsFault() takes "${message.slice(-60)}" for ${kind}`, () => {
    const fault = tlsFault(message);
    assert.equal(fault?.kind, kind);
    assert.equal(tlsFaultOf(fault?.text ?? "connection refused"), kind);
  });
}
