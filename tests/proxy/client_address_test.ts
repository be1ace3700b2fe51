import assert from "node:assert/strict";
import { addressRange } from "../../src/config/address_range.ts";
import { clientAddress } from "../../src/proxy/client_address.ts";

/** `[peer, X-Forwarded-For, trusted, the client]` */
const ROWS: readonly [string, string | undefined, string[], string][] = [
  ["10.0.0.7", undefined, [], "10.0.0.7"],
  ["10.0.0.7", "1.2.3.4", [], "10.0.0.7"],
  ["10.0.0.7", "1.2.3.4", ["127.0.0.1"], "10.0.0.7"],
  ["127.0.0.1", "1.2.3.4", ["127.0.0.1"], "1.2.3.4"],
  ["::ffff:127.0.0.1", "1.2.3.4", ["127.0.0.1"], "1.2.3.4"],
  ["127.0.0.1", "6.6.6.6, 1.2.3.4", ["127.0.0.1"], "1.2.3.4"],
  ["127.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.1", ["127.0.0.1", "10.0.0.1"], "1.2.3.4"],
  ["127.0.0.1", "1.2.3.4:5555", ["127.0.0.1"], "1.2.3.4"],
  ["::1", "[FD00::7]:5555", ["::1"], "fd00::7"],
  ["::1", "fd00::7", ["::1"], "fd00::7"],
  ["127.0.0.1", undefined, ["127.0.0.1"], "127.0.0.1"],
  ["127.0.0.1", " , ", ["127.0.0.1"], "127.0.0.1"],
  ["127.0.0.1", "127.0.0.1", ["127.0.0.1"], "127.0.0.1"],
  ["127.0.0.1", "unknown", ["127.0.0.1"], "127.0.0.1"],
  ["127.0.0.1", "1.2.3.4, _hidden", ["127.0.0.1"], "127.0.0.1"],
  ["10.1.2.3", "1.2.3.4", ["10.0.0.0/8"], "1.2.3.4"],
  ["11.1.2.3", "1.2.3.4", ["10.0.0.0/8"], "11.1.2.3"],
  ["::ffff:10.1.2.3", "6.6.6.6, 1.2.3.4, 10.9.9.9, [fd00::9]:81", ["10.0.0.0/8", "fd00::/8"], "1.2.3.4"],
  ["fd12::1", "10.0.0.1", ["fd00::/8"], "10.0.0.1"],
  ["fe80::1%eth0", "1.2.3.4", ["fe80::/10"], "1.2.3.4"],
];
for (const [peer, named, trusted, client] of ROWS) {
  Deno.test(`clientAddress() is ${client} for ${named ?? "nobody named"} by ${peer}, trusting ${trusted}`, () => {
    const headers = new Headers(named === undefined ? {} : { "x-forwarded-for": named });
    assert.equal(clientAddress(peer, headers, trusted.map((text) => addressRange(text)!)), client);
  });
}
