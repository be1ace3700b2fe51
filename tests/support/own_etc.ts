// A service that sees other files in /etc: the names and the name servers of a test, without a change of the machine.

import { DEADLINE_MS, type Home, RunningProgram } from "./program.ts";
import { Service } from "./service.ts";

/** Files by their names in /etc. */
export type OwnEtc = Readonly<Partial<Record<"hosts" | "resolv.conf", string>>>;

/** Starts the service of a home with these files; `undefined` where the system permits no mounts of one's own. */
export async function startWithEtc(home: Home, files: OwnEtc): Promise<Service | undefined> {
  const mounts = Object.entries(files).map(([name, text]) => {
    Deno.writeTextFileSync(`${home.folder}/${name}`, text);
    return `mount --bind ${home.folder}/${name} /etc/${name}`;
  });
  const inNamespace = (script: string, ...args: readonly string[]) => [
    "--mount",
    "--map-root-user",
    "sh",
    "-c",
    script,
    ...args,
  ];
  const isPermitted = await new Deno.Command("unshare", { args: inNamespace(mounts.join(" && ")) }).output()
    .then(({ success }) => success, () => false);
  if (!isPermitted) return undefined;
  const { command, args, env } = home.commandLine(["proxy"]);
  const script = `${mounts.join(" && ")} && exec "$0" "$@"`;
  const { code, stderr } = await new RunningProgram("unshare", inNamespace(script, command, ...args), {
    env: env!,
    deadlineMs: DEADLINE_MS,
    input: "",
  }).finished;
  if (code !== 0) throw new Error(`the service does not start: ${stderr}`);
  return await Service.start(home);
}
