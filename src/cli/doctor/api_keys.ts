/**
 * Finds API keys in a pool of ChatGPT accounts: every request with one fails, unless it has an upstream of its own.
 * @module
 */

import { Upstream } from "../../upstream/upstream.ts";
import type { Facts } from "./facts.ts";

/** The recipe for an API key among logins of ChatGPT. */
export const API_KEY_RECIPE =
  "ChatGPT's backend takes no API keys. To use it as a last resort, give it OpenAI's API: " +
  "cdx2 auth import --api-key-stdin --upstream https://api.openai.com/v1 --replace";

/** What is wrong, and the recipe; `undefined` when nothing is. */
export function misplacedApiKeys(
  { disk, upstreamUrl }: Pick<Facts, "disk" | "upstreamUrl">,
): { readonly files: readonly string[]; readonly recipe: string } | undefined {
  if (disk.kind !== "read" || !new Upstream(upstreamUrl).isChatGpt) return undefined;
  const files = disk.files.filter((file) => file.usable && file.api_key && file.upstream === null)
    .map(({ file }) => file);
  return files.length === 0 ? undefined : { files, recipe: API_KEY_RECIPE };
}
