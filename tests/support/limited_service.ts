// A service whose process may open a limited number of files and sockets.

import { DEADLINE_MS, type Home, RunningProgram } from "./program.ts";
import { Service } from "./service.ts";

/** Starts the service of a home below these limits: `soft` is what a process gets, `hard` what it may ask for. */
export async function startLimited(
  home: Home,
  { soft, hard }: { readonly soft: number; readonly hard: number },
): Promise<Service> {
  const { command, args, env } = home.commandLine(["proxy"]);
  const limited = ["-c", `ulimit -Sn ${soft}; ulimit -Hn ${hard}; exec "$0" "$@"`, command, ...args];
  const { code, stderr } = await new RunningProgram("/bin/sh", limited, {
    env: env!,
    deadlineMs: DEADLINE_MS,
    input: "",
  }).finished;
  if (code !== 0) throw new Error(`the service does not start: ${stderr}`);
  return await Service.start(home);
}
