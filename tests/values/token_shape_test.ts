import assert from "node:assert/strict";
import { TOKEN_BEGINNING, type TokenShape, tokenShape } from "../../src/values/token_shape.ts";

const ROWS: readonly (readonly [string, TokenShape | undefined])[] = [
  ["sk-proj-1", "api_key"],
  ["at-1", "personal_token"],
  ["rt_1", "refresh_token"],
  ["rt.1.x", "refresh_token"],
  ["oaistb_rt_1", "refresh_token"],
  ["oaistb_rt.1", "refresh_token"],
  ["oaistb_1", undefined],
  ["eyJhbGciOiJub25lIn0.e30.x", undefined],
  ["csk-1", undefined],
  ["rt-1", undefined],
  ["SK-1", undefined],
  ["", undefined],
];

for (const [token, shape] of ROWS) {
  Deno.test(`tokenShape() makes ${shape ?? "nothing known"} of ${token || "an empty text"}`, () => {
    assert.equal(tokenShape(token), shape);
    // What has a shape is also known by its beginning.
    if (shape !== undefined) assert.match(token, new RegExp(`^${TOKEN_BEGINNING}`));
  });
}
