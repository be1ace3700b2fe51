/**
 * Why the proxy cannot listen at its address, and who holds a port that is taken.
 * @module
 */

import { basename } from "node:path";
import { bracketed } from "../config/address.ts";
import type { ResolvedSettings } from "../config/settings.ts";
import type { ListenError } from "../system/listen.ts";
import type { Processes } from "../system/process.ts";
import { UserError } from "../values/user_error.ts";

/** What it takes to find that out. */
export interface ListeningDeps {
  readonly processes: Pick<Processes, "listenerOf" | "outputOf">;
  readonly resolved: ResolvedSettings;
}

/** The error for the user. */
export async function cannotListen(
  { processes, resolved }: ListeningDeps,
  error: ListenError,
): Promise<UserError> {
  const { host, port } = resolved.settings;
  const cannot = `Cannot listen on ${bracketed(host)}:${port}`;
  switch (error.reason) {
    case "address_in_use": {
      const { by, hint } = await holderOfPort(processes, port);
      return new UserError(`${cannot}: the port is taken${by}`, { hint });
    }
    case "address_not_available":
      return new UserError(`${cannot}: this machine has no such address`);
    case "denied":
      return new UserError(`${cannot}: not permitted`, { hint: "pass a --port above 1023" });
    case "other":
      return new UserError(`${cannot}: ${error.message}`);
  }
}

interface PortHolder {
  /** Follows "the port is taken". */
  readonly by: string;
  readonly hint: string;
}

// The arguments of the process of a proxy in the background end so.
const OTHER_PROXY = / run-server --auth-dir (.+)$/;

async function holderOfPort(processes: ListeningDeps["processes"], port: number): Promise<PortHolder> {
  const end = "end that program, or pass another --port";
  const pid = await processes.listenerOf(port);
  if (pid === undefined) return { by: "", hint: end };
  // The rest of its arguments may hold secrets.
  const args = (await processes.outputOf("ps", ["-p", String(pid), "-o", "args="]))?.trim() ?? "";
  const authDir = OTHER_PROXY.exec(args)?.[1];
  if (authDir !== undefined) {
    const hint = `use that one with --auth-dir "${authDir}", or pass another --port`;
    return { by: ` by another cdx2 (pid ${pid}), of the auth dir ${authDir}`, hint };
  }
  const [program = ""] = args.split(" ");
  return { by: ` by pid ${pid}${program === "" ? "" : ` (${basename(program)})`}`, hint: end };
}
