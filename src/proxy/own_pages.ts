/**
 * The pages that the proxy answers with for anybody who may use it. The management endpoints are in management.ts.
 * @module
 */

import { CLIENT_PAGE, type ClientPage } from "../api/client_page.ts";
import type { ClientRequest } from "./client_request.ts";
import { isManagementPath } from "./management.ts";
import { ownHeaders } from "./refusal.ts";

/** Whether a path is one of the proxy's own: those of the management endpoints, and that of a client's page. */
export function isOwnPath(path: string): boolean {
  return path === CLIENT_PAGE || isManagementPath(path);
}

/** The answer to a client that asks about itself. */
export function pageFor({ requestId }: ClientRequest, page: ClientPage): Response {
  return Response.json(page, { headers: ownHeaders(requestId) });
}

const ABOUT = `This is cdx2, a local proxy for Codex and other OpenAI Responses clients.
Its address is the base URL of a client: "cdx2 codex" and "cdx2 run" set it, "cdx2 proxy --print-env" prints it.
"cdx2 status" says how the proxy is.
`;

/** What a browser sees. */
export function aboutPage(requestId: string): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", ...ownHeaders(requestId) };
  return new Response(ABOUT, { headers });
}
