import assert from "node:assert/strict";
import { messageIn, serverFrame } from "../../../scripts/bench/ws_wire.ts";
import { clientFrame, FrameReader, OPCODES } from "../../../src/system/ws_codec.ts";

for (const length of [0, 5, 125, 126, 300, 65_535]) {
  Deno.test(`a text of ${length} bytes goes both ways`, () => {
    const text = "x".repeat(length);
    const [read] = [...new FrameReader(70_000).feed(serverFrame(text))];
    assert.deepEqual(read, { kind: "text", text, byteLength: length });
    const frame = clientFrame(OPCODES.text, new TextEncoder().encode(text), new Uint8Array([1, 2, 3, 4]));
    const found = messageIn(frame);
    assert.equal(new TextDecoder().decode(found!.payload), text);
    assert.equal(found!.byteLength, frame.length);
    assert.equal(messageIn(frame.subarray(0, -1)), undefined);
  });
}
