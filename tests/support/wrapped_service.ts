// A service whose start command is run by another program, which gives it other surroundings.

import { type Home, RunningProgram } from "./program.ts";
import { Service } from "./service.ts";

/** Starts the service of a home with `command`: after `args` come the program that it is to run, and its arguments. */
export async function startWith(home: Home, command: string, args: readonly string[]): Promise<Service> {
  const { command: own, args: ownArgs, env } = home.commandLine(["proxy"]);
  const { code, stderr } = await new RunningProgram(command, [...args, own, ...ownArgs], { env }).finished;
  if (code !== 0) throw new Error(`the service does not start: ${stderr}`);
  return await Service.start(home);
}
