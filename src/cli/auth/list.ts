/**
 * `cdx2 auth list`: the auth files on the disk. A running proxy is asked as well, because requests get the keys that it
 * holds.
 * @module
 */

import { authFileList } from "../../api/auth_file_list.ts";
import type { AuthFile } from "../../api/auth_files.ts";
import { listKeys } from "../../auth/folder.ts";
import { observeService, type ServiceDeps } from "../../runtime/observe.ts";
import { defineCommand } from "../command.ts";
import { keyDifferences, servesOn } from "../key_differences.ts";
import { renewalView } from "../../api/renewals.ts";
import { keyRenewals, renewalNotes } from "../renewals.ts";
import { refuseWithGateway } from "../gateway/gateway.ts";
import { serviceDeps } from "../service.ts";
import { authLines } from "./lines.ts";
import type { AuthList } from "./pages.ts";

/** The keys of a running proxy compared with the folder. */
interface Comparison {
  readonly proxy: AuthList["proxy"];
  /** About keys that the proxy still has while the keyring does not give them; `undefined` when there are none. */
  readonly servesOn: string | undefined;
}

/** The command `cdx2 auth list`. */
export const authListCommand = defineCommand({
  name: "list",
  summary: "List the auth files with account and expiry, or the reason why one cannot be used.",
  examples: [
    ["list the keys, and the files that are not keys", "cdx2 auth list"],
    [
      "print the e-mails of all usable keys",
      "cdx2 auth list --json | jq -r '.files[] | select(.usable).email'",
    ],
  ],
  syntax: (command) => command.option("--json", "Print JSON."),
  run: async ({ world, output, flags, options: { json } }) => {
    const deps = await serviceDeps(world, flags);
    refuseWithGateway(deps.resolved, "The keys are on the gateway");
    const { authDir } = deps.resolved.settings;
    const files = authFileList(await listKeys(world.files, authDir), world.clock.nowMs());
    const [comparison, renewals] = await Promise.all([
      compareWithProxy(deps, files),
      keyRenewals(world, deps.resolved.settings),
    ]);
    if (json) {
      const shown = renewals.map((standing) => ({ file: standing.file, ...renewalView(standing) }));
      const { proxy } = comparison;
      output.printJson({ auth_dir: authDir, files, proxy, renewals: shown } satisfies AuthList);
      return 0;
    }
    const nowMs = world.clock.nowMs();
    const width = world.terminal.outSize?.columns ?? Infinity;
    const layout = { nowMs, palette: output.palette, width, renewals };
    output.printLines(authLines(files, layout));
    const warnings = renewalNotes(renewals, nowMs);
    for (const note of [...notes(files, comparison, authDir), ...warnings]) output.note(note);
    return 0;
  },
});

async function compareWithProxy(deps: ServiceDeps, files: readonly AuthFile[]): Promise<Comparison> {
  const { facts, client } = await observeService(deps);
  if (!("reply" in facts)) return { proxy: { running: false, differences: [] }, servesOn: undefined };
  const held = await client?.authFiles();
  if (held?.kind !== "answer") return { proxy: { running: true, differences: [] }, servesOn: undefined };
  return {
    proxy: { running: true, differences: keyDifferences(held.value.files, files) },
    servesOn: servesOn(held.value.files, files),
  };
}

function notes(
  files: readonly AuthFile[],
  { proxy: { differences }, servesOn }: Comparison,
  authDir: string,
): readonly string[] {
  const isEmpty = !files.some(({ usable }) => usable);
  return [
    ...(isEmpty && servesOn === undefined ? [whyEmpty(files, authDir)] : []),
    ...(servesOn === undefined ? [] : [servesOn]),
    ...differences.map((difference) => `the running proxy does not know yet: ${difference}`),
    ...(differences.length > 0 ? ['it checks every second; if this note stays, run "cdx2 doctor"'] : []),
  ];
}

/** None of these files is a key in use. */
function whyEmpty(files: readonly AuthFile[], authDir: string): string {
  if (files.length === 0) {
    return `there are no keys in ${authDir}: add one with "cdx2 auth login" or "cdx2 auth import"`;
  }
  return files.every(({ disabled }) => disabled)
    ? 'all keys are disabled: "cdx2 auth enable KEY" puts one into use'
    : `no file in ${authDir} can be used: each says above what is wrong with it`;
}
