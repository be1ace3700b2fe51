// An answer as tests read it.

import { streamOf } from "../../src/system/http_body.ts";
import type { HttpAnswer } from "../../src/system/http.ts";

/** The same answer as a `Response`. */
export function asResponse({ status, headers, body }: HttpAnswer): Response {
  return new Response(streamOf(body), { status, headers });
}
