import assert from "node:assert/strict";
import { RequestReader } from "../../../scripts/bench/request_reader.ts";

/** A connection on which these pieces come. */
function connection(pieces: readonly string[]) {
  const rest = pieces.map((piece) => new TextEncoder().encode(piece));
  return {
    read: (buffer: Uint8Array) => {
      const piece = rest.shift();
      if (piece) buffer.set(piece);
      return Promise.resolve(piece ? piece.length : null);
    },
  };
}

async function pathsOf(...pieces: string[]): Promise<string[]> {
  const requests = new RequestReader(connection(pieces));
  const paths: string[] = [];
  for (let path = await requests.next(); path !== undefined; path = await requests.next()) paths.push(path);
  return paths;
}

Deno.test("RequestReader reads requests with any kind of body, however they are cut", async () => {
  const counted = "POST /a?burst=3 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";
  const chunked = "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n";
  assert.deepEqual(await pathsOf(counted, chunked, "GET /c HTTP/1.1\r\n\r\n"), ["/a?burst=3", "/b", "/c"]);
  assert.deepEqual(await pathsOf(counted.slice(0, 30), counted.slice(30, 50), counted.slice(50), chunked), [
    "/a?burst=3",
    "/b",
  ]);
  assert.deepEqual(await pathsOf(...chunked), ["/b"]);
  assert.deepEqual(await pathsOf(), []);
});
