// New keys for each of many cases on one proxy, so that nothing of an earlier case clings to them.

import type { Home } from "./program.ts";
import type { Service } from "./service.ts";

/** A letter and the number of the case. */
const FILE = /^[a-z]\d+\.json$/;

/** Replaces the keys of the case before; `tokens` is by file, such as `a7.json`. */
export async function replaceKeys(
  home: Home,
  service: Service,
  tokens: Readonly<Record<string, string>>,
): Promise<void> {
  for await (const { name } of Deno.readDir(home.authDir)) {
    if (FILE.test(name)) await Deno.remove(`${home.authDir}/${name}`);
  }
  for (const [file, token] of Object.entries(tokens)) await home.addKey(file, token);
  await (await service.manage("/health?refresh=1")).body?.cancel();
}
