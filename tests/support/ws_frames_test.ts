import assert from "node:assert/strict";
import { clientFrame, FrameReader, OPCODES } from "../../src/system/ws_codec.ts";
import { clientFrameAt, serverFrame } from "./ws_frames.ts";

for (const length of [0, 5, 125, 126, 300, 65_535]) {
  Deno.test(`a text of ${length} bytes goes both ways`, () => {
    const text = "x".repeat(length);
    const payload = new TextEncoder().encode(text);
    const [read] = [...new FrameReader(70_000).feed(serverFrame(OPCODES.text, payload))];
    assert.deepEqual(read, { kind: "text", text, byteLength: length });
    const frame = clientFrame(OPCODES.text, payload, new Uint8Array([1, 2, 3, 4]));
    const found = clientFrameAt(frame);
    assert.equal(new TextDecoder().decode(found!.payload), text);
    assert.equal(found!.byteLength, frame.length);
    assert.equal(clientFrameAt(frame.subarray(0, -1)), undefined);
  });
}
