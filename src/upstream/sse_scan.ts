/**
 * Hears the names of server-sent events go by, however the bytes are cut into chunks, without decoding or holding
 * what they carry: a line's beginning is looked at, its rest is skipped. Only the data of the few events that are
 * asked for by name is kept.
 * @module
 */

// The longest name that matters, with what stands before it, fits in here several times.
const PREFIX_BYTES = 96;
const CAPTURE_BYTES = 65_536;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const E = 0x65;
const D = 0x64;

/** `data` is the text of the event's data line, for the events that are captured; cut off after 64 KiB. */
export type OnEvent = (name: string, data?: string) => void;

export class EventScan {
  readonly #captured: ReadonlySet<string>;
  readonly #onEvent: OnEvent;
  /** The beginning of the line that is going by. */
  #line = new Uint8Array(PREFIX_BYTES);
  #length = 0;
  #name = "";
  #data: string | undefined;

  /** `onEvent` hears of each event when it is whole. */
  constructor(captured: ReadonlySet<string>, onEvent: OnEvent) {
    this.#captured = captured;
    this.#onEvent = onEvent;
  }

  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length;) {
      const newline = chunk.indexOf(NEWLINE, at);
      const end = newline < 0 ? chunk.length : newline;
      this.#keep(chunk, at, end);
      if (newline < 0) return;
      this.#endLine();
      at = newline + 1;
    }
  }

  #keep(chunk: Uint8Array, from: number, end: number): void {
    const room = Math.min(this.#line.length - this.#length, end - from);
    this.#line.set(chunk.subarray(from, from + room), this.#length);
    this.#length += room;
    const isCut = room < end - from;
    if (isCut && this.#length === PREFIX_BYTES && this.#isCapturedData()) {
      this.#line = grown(this.#line, CAPTURE_BYTES);
      this.#keep(chunk, from + room, end);
    }
  }

  #isCapturedData(): boolean {
    return this.#line[0] === D && this.#captured.has(this.#name || (nameInLine(this.#text()) ?? ""));
  }

  #endLine(): void {
    const [first] = this.#line;
    if (this.#length === 0 || (this.#length === 1 && first === CARRIAGE_RETURN)) this.#endEvent();
    // Only a name, or data of an event that has none, is worth a closer look.
    else if (first === E || (first === D && this.#name === "")) {
      this.#name = nameInLine(this.#text()) ?? this.#name;
    }
    if (this.#length > 0 && this.#isCapturedData()) this.#data = this.#text().replace(/^data: ?/, "");
    if (this.#line.length > PREFIX_BYTES) this.#line = new Uint8Array(PREFIX_BYTES);
    this.#length = 0;
  }

  #endEvent(): void {
    if (this.#name !== "") this.#onEvent(this.#name, this.#data);
    this.#name = "";
    this.#data = undefined;
    this.#length = 0;
  }

  #text(): string {
    return new TextDecoder().decode(this.#line.subarray(0, this.#length));
  }
}

function nameInLine(line: string): string | undefined {
  return /^event: ?([\w.]+)\s*$/.exec(line)?.[1] ?? /^data: ?\{"type": ?"([\w.]+)"/.exec(line)?.[1];
}

function grown(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}
