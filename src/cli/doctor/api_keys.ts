/**
 * Finds API keys in a pool of ChatGPT accounts: every request with one fails, unless it has an upstream of its own.
 * @module
 */

import { Upstream } from "../../upstream/upstream.ts";
import { API_KEY_RECIPE } from "../auth/import_check.ts";
import type { Facts } from "./facts.ts";

/** What is wrong, and the recipe; `undefined` when nothing is. */
export function misplacedApiKeys(
  { disk, upstreamUrl }: Pick<Facts, "disk" | "upstreamUrl">,
): { readonly files: readonly string[]; readonly recipe: string } | undefined {
  if (disk.kind !== "read" || !new Upstream(upstreamUrl).isChatGpt) return undefined;
  const files = disk.files.filter((file) => file.usable && file.api_key && file.upstream === null)
    .map(({ file }) => file);
  return files.length === 0 ? undefined : { files, recipe: API_KEY_RECIPE };
}
