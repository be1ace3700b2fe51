// A service that sees other files in /etc: the names and the name servers of a test, without a change of the machine.

import type { Home } from "./program.ts";
import type { Service } from "./service.ts";
import { startWith } from "./wrapped_service.ts";

/** Files by their names in /etc. */
export type OwnEtc = Readonly<Partial<Record<"hosts" | "resolv.conf", string>>>;

/** Starts the service of a home with these files; `undefined` where the system permits no mounts of one's own. */
export async function startWithEtc(home: Home, files: OwnEtc): Promise<Service | undefined> {
  const mounts = Object.entries(files).map(([name, text]) => {
    Deno.writeTextFileSync(`${home.folder}/${name}`, text);
    return `mount --bind ${home.folder}/${name} /etc/${name}`;
  });
  const inNamespace = (script: string) => ["--mount", "--map-root-user", "sh", "-c", script];
  const isPermitted = await new Deno.Command("unshare", { args: inNamespace(mounts.join(" && ")) }).output()
    .then(({ success }) => success, () => false);
  if (!isPermitted) return undefined;
  return await startWith(home, "unshare", inNamespace(`${mounts.join(" && ")} && exec "$0" "$@"`));
}
