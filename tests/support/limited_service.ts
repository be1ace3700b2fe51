// A service whose process may open a limited number of files and sockets.

import type { Home } from "./program.ts";
import type { Service } from "./service.ts";
import { startWith } from "./wrapped_service.ts";

/** Starts the service of a home below these limits: `soft` is what a process gets, `hard` what it may ask for. */
export async function startLimited(
  home: Home,
  { soft, hard }: { readonly soft: number; readonly hard: number },
): Promise<Service> {
  return await startWith(home, "/bin/sh", ["-c", `ulimit -Sn ${soft}; ulimit -Hn ${hard}; exec "$0" "$@"`]);
}
