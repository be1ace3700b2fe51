import assert from "node:assert/strict";
import fc from "fast-check";
import { addressBytes, addressRange, isWithin } from "../../src/config/address_range.ts";

/** `[address, range, whether it is in it]` */
const ROWS: readonly [string, string, boolean][] = [
  ["10.0.0.1", "10.0.0.0/8", true],
  ["10.255.255.255", "10.0.0.7/8", true],
  ["11.0.0.0", "10.0.0.0/8", false],
  ["192.168.1.127", "192.168.1.0/25", true],
  ["192.168.1.128", "192.168.1.0/25", false],
  ["1.2.3.4", "0.0.0.0/0", true],
  ["::1", "0.0.0.0/0", false],
  ["1.2.3.4", "::/0", false],
  ["1.2.3.4", "1.2.3.4", true],
  ["1.2.3.5", "1.2.3.4/32", false],
  ["fd00::1", "fd00::/8", true],
  ["fe00::1", "fd00::/8", false],
  ["2001:db8:0:1::9", "2001:db8::/64", false],
  ["2001:DB8:0:0:ffff::9", "2001:db8::/64", true],
  ["::ffff:10.1.2.3", "10.0.0.0/8", true],
  ["::ffff:a01:203", "10.0.0.0/8", true],
  ["10.1.2.3", "::ffff:10.0.0.0/104", true],
  ["fe80::1%eth0", "fe80::/10", true],
];
for (const [address, range, isIn] of ROWS) {
  Deno.test(`${address} is ${isIn ? "" : "not "}within ${range}`, () => {
    assert.equal(isWithin(addressBytes(address)!, addressRange(range)!), isIn);
  });
}

const NO_RANGES = [
  ...[
    "",
    "/8",
    "10.0.0.0/",
    "10.0.0.0/33",
    "::/129",
    "10.0.0/8",
    "10.0.0.256",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
  ],
  ...[
    "localhost",
    "1:2:3",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    ":::",
    "::1::",
    "12345::",
    "::1.2.3",
    "1.2.3.4::",
  ],
  ...["::ffff:10.0.0.0/8", ":1:2:3:4:5:6:7", "0x10.0.0.1"],
];
for (const text of NO_RANGES) {
  Deno.test(`"${text}" is not a range of addresses`, () => assert.equal(addressRange(text), undefined));
}

const BYTES = fc.oneof(
  fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
  fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }).filter((bytes) => bytes[0] !== 0),
);

/** As the URL standard spells it: with the longest row of zeros left out. */
function spelled(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, at) => (bytes[2 * at]! * 256 + bytes[2 * at + 1]!).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function bitsOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

Deno.test("an address is read as the URL standard spells it", () => {
  fc.assert(fc.property(BYTES, (bytes) => assert.deepEqual(addressBytes(spelled(bytes)), bytes)));
});

Deno.test("an address is within a range when it begins with the same bits, and is of the same kind", () => {
  const flips = fc.array(fc.nat(127), { maxLength: 3 });
  fc.assert(fc.property(BYTES, fc.nat(128), flips, (base, count, flipped) => {
    const bits = Math.min(count, 8 * base.length);
    const other = [...base];
    for (const bit of flipped) {
      const at = bit % (8 * base.length);
      other[at >> 3]! ^= 0x80 >> (at & 7);
    }
    const range = addressRange(`${spelled(base)}/${bits}`)!;
    const isSame = bitsOf(other).slice(0, bits) === bitsOf(base).slice(0, bits);
    assert.equal(isWithin(other, range), isSame);
    assert.equal(isWithin(base, range), true);
  }));
});

Deno.test("no text makes reading an address or a range throw", () => {
  const text = fc.string({ unit: fc.constantFrom(..."0123456789abcf:./%[]"), maxLength: 40 });
  fc.assert(fc.property(text, (address) => {
    const bytes = addressBytes(address);
    assert.ok(bytes === undefined || [4, 16].includes(bytes.length));
    assert.ok(bytes === undefined || bytes.every((byte) => byte >= 0 && byte <= 255));
    addressRange(address);
  }));
});
