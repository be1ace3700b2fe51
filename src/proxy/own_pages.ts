/**
 * The pages that the proxy answers with for anybody who may use it. The management endpoints are in management.ts.
 * @module
 */

import { CLIENT_PAGE, type ClientPage } from "../api/client_page.ts";
import type { ClientRequest } from "./client_request.ts";
import { isManagementPath } from "./management.ts";

/** Whether a path is one of the proxy's own: those of the management endpoints, and that of a client's page. */
export function isOwnPath(path: string): boolean {
  return path === CLIENT_PAGE || isManagementPath(path);
}

/** The answer to a client that asks about itself. */
export function pageFor({ requestId }: ClientRequest, page: ClientPage): Response {
  const headers = { "cache-control": "no-store, no-transform", "x-cdx2-request-id": requestId };
  return Response.json(page, { headers });
}

const ABOUT = `This is cdx2, a local proxy for Codex and other OpenAI Responses clients.
Its address is the base URL of a client: "cdx2 codex" and "cdx2 run" set it, "cdx2 proxy --print-env" prints it.
"cdx2 status" says how the proxy is.
`;

/** What a browser sees. */
export function aboutPage(requestId: string): Response {
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store, no-transform" };
  return new Response(ABOUT, { headers: { ...headers, "x-cdx2-request-id": requestId } });
}
