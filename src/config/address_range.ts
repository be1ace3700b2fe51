/**
 * IP addresses and ranges of them, as `10.0.0.0/8` (RFC 4632 §3.1, RFC 4291 §2.3). An IPv4 address that is written as one of
 * IPv6, such as `::ffff:10.0.0.1`, is the IPv4 address. Pure.
 * @module
 */

const IPV4_BYTES = 4;
const GROUPS = 8;
const MAPPED_BYTES = 12;

/** The bytes of an address, 4 or 16; `undefined` for what is none. A zone as in `fe80::1%eth0` counts for nothing. */
export function addressBytes(text: string): readonly number[] | undefined {
  if (!text.includes(":")) return ipv4Bytes(text);
  const [head = "", tail, ...more] = text.replace(/%.*$/, "").split("::");
  const [first, last] = [groupBytes(head, tail === undefined), groupBytes(tail ?? "", true)];
  if (!first || !last || more.length > 0) return undefined;
  const missing = 2 * GROUPS - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  const bytes = [...first, ...Array<number>(missing).fill(0), ...last];
  return isMapped(bytes) ? bytes.slice(MAPPED_BYTES) : bytes;
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.slice(0, MAPPED_BYTES).every((byte, at) => byte === (at < MAPPED_BYTES - 2 ? 0 : 0xff));
}

function ipv4Bytes(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  const isAddress = parts.length === IPV4_BYTES &&
    parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return isAddress ? parts.map(Number) : undefined;
}

/** `isEnd`: the last group may be written as an IPv4 address. */
function groupBytes(text: string, isEnd: boolean): readonly number[] | undefined {
  const groups = text === "" ? [] : text.split(":");
  const each = groups.map((group, at) => {
    const ipv4 = isEnd && at === groups.length - 1 ? ipv4Bytes(group) : undefined;
    const value = /^[\da-f]{1,4}$/i.test(group) ? parseInt(group, 16) : undefined;
    return ipv4 ?? (value === undefined ? undefined : [value >> 8, value & 0xff]);
  });
  return each.every((bytes) => bytes !== undefined) ? each.flat() : undefined;
}

/** Addresses that begin with the same bits. */
export interface AddressRange {
  /** The bytes of one of them, 4 or 16. */
  readonly bytes: readonly number[];
  /** How many bits they share: all for a single address. */
  readonly bits: number;
}

/** The range of a text, `address` or `address/bits`; `undefined` for what is none. */
export function addressRange(text: string): AddressRange | undefined {
  const [, address = "", given] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = addressBytes(address);
  if (!bytes) return undefined;
  const all = 8 * bytes.length;
  const isIpv4AsIpv6 = address.includes(":") && bytes.length === IPV4_BYTES;
  const bits = given === undefined ? all : Number(given) - (isIpv4AsIpv6 ? 8 * MAPPED_BYTES : 0);
  return bits >= 0 && bits <= all ? { bytes, bits } : undefined;
}

/** Whether an address is in a range. */
export function isWithin(address: readonly number[], { bytes, bits }: AddressRange): boolean {
  if (address.length !== bytes.length) return false;
  return bytes.every((byte, at) => {
    const shared = Math.min(8, Math.max(0, bits - 8 * at));
    return (byte ^ address[at]!) >> (8 - shared) === 0;
  });
}
