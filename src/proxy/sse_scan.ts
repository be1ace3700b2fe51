// Hears the names of server-sent events go by, however the bytes are cut into chunks, without decoding or holding
// what they carry: a line's beginning is looked at, its rest is skipped. Clients such as Codex hang up as soon as
// they have the last event, so only its name tells a finished answer from one that was left.

// The longest name that matters, with what stands before it, fits in here several times.
const PREFIX_BYTES = 96;
const NEWLINE = 0x0a;
const E = 0x65;
const D = 0x64;

export class EventScan {
  readonly #onEvent: (name: string) => void;
  /** The beginning of the line that is going by. */
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  #length = 0;
  #name = "";

  /** `onEvent` hears the name of each event when the event is whole. */
  constructor(onEvent: (name: string) => void) {
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
    const room = Math.min(PREFIX_BYTES - this.#length, end - from);
    if (room <= 0) return;
    this.#prefix.set(chunk.subarray(from, from + room), this.#length);
    this.#length += room;
  }

  #endLine(): void {
    const [first] = this.#prefix;
    const isBlank = this.#length === 0 || (this.#length === 1 && first === 0x0d);
    if (isBlank) this.#endEvent();
    // Only a name, or data of an event that has none, is worth a closer look.
    else if (first === E || (first === D && this.#name === "")) this.#name = this.#nameInLine() ?? this.#name;
    this.#length = 0;
  }

  #nameInLine(): string | undefined {
    const line = new TextDecoder().decode(this.#prefix.subarray(0, this.#length));
    return /^event: ?([\w.]+)\s*$/.exec(line)?.[1] ?? /^data: ?\{"type": ?"([\w.]+)"/.exec(line)?.[1];
  }

  #endEvent(): void {
    if (this.#name !== "") this.#onEvent(this.#name);
    this.#name = "";
  }
}
