/**
 * `GET /cdx2/client`: what a client may know of the proxy, with its own key. Programs on other machines ask it before they
 * send requests: whether this is a cdx2, whether their key is right, and what to tell Codex.
 * @module
 */

import { boolean, count, field, needed, object, oneOf, orNull, text, type ValueOf } from "./json_types.ts";

/** The path of the page. */
export const CLIENT_PAGE = "/cdx2/client";

/** The answer of `GET /cdx2/client`. */
export const clientPage = object({
  client: field(
    orNull(text),
    "the name of the client whose key was presented; null where requests need none",
  ),
  version: needed(text, "the version of the proxy"),
  upstream: needed(oneOf("chatgpt", "other"), "the kind of its upstream"),
  takes_compressed: field(
    boolean,
    "whether every key takes compressed bodies: none has an upstream of its own",
  ),
  websocket: field(boolean, "whether it relays WebSockets"),
  keys: field(count, "keys that it holds and that are not disabled"),
  usable: field(boolean, "whether it has a key for a request"),
});
/** The answer of `GET /cdx2/client`. */
export type ClientPage = ValueOf<typeof clientPage>;
