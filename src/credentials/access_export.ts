/**
 * A key for a machine that must never renew it, such as a job of a CI system. Pure.
 * @module
 */

import type { AuthRecord } from "../auth/record.ts";
import type { JsonObject } from "../values/json.ts";
import { tokenShape } from "../values/token_shape.ts";
import { codexFile } from "./login_fields.ts";

/**
 * The auth file with what serving requests needs: without the refresh token, and without the id token, which names the
 * user. It holds the access token as it is.
 */
export function accessOnlyFile({ token, accountId, email, upstream, models }: AuthRecord): JsonObject {
  const text = token.reveal();
  const isApiKey = tokenShape(text) === "api_key";
  const login = codexFile({
    access: isApiKey ? undefined : text,
    refresh: undefined,
    id: undefined,
    apiKey: isApiKey ? text : undefined,
    email,
    accountId,
    lastRefresh: undefined,
    isDisabled: false,
  });
  return {
    ...login,
    ...(upstream !== undefined && { upstream }),
    ...(Object.keys(models).length > 0 && { models }),
  };
}
