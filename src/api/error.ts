/**
 * What a management endpoint answers in place of its page: 401 without the key, 405 with another method than its own,
 * 400 with a parameter that is not allowed.
 * @module
 */

import { needed, object, text, type ValueOf } from "./json_types.ts";

/** An error of a management endpoint. */
export const managementError = object({
  error: needed(text, "what was wrong"),
});
/** An error of a management endpoint. */
export type ManagementError = ValueOf<typeof managementError>;
