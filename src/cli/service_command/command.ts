/**
 * `cdx2 service`: has the system's own manager start the proxy at each login and restart it after a failure.
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { dirname } from "node:path";
import { wholeNumber } from "../../config/setting_kinds.ts";
import { SETTINGS } from "../../config/settings_table.ts";
import { keepInEnvFile, prepareAuthDir } from "../../runtime/first_start.ts";
import type { ServiceDeps } from "../../runtime/observe.ts";
import { ensureRunning, type OnWait, stopService } from "../../runtime/service.ts";
import { serviceStatus } from "../../runtime/status.ts";
import { renewalFolder } from "../../config/paths.ts";
import { FileError } from "../../system/files.ts";
import { UserError } from "../../values/user_error.ts";
import { runForeground } from "../child.ts";
import { defineCommand, defineGroup } from "../command.ts";
import { listed } from "../command_list.ts";
import { type GivenFlags, parsedAs } from "../options.ts";
import { runningLine, runningNotes } from "../running.ts";
import { refuseWithGateway } from "../gateway/gateway.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";
import {
  autostartOf,
  done,
  type InstallOptions,
  isInstalled,
  networkVariables,
  ownSettings,
} from "./managed.ts";
import type { ServiceState } from "./pages.ts";
import type { Autostart, CommandLine } from "./wish.ts";

const installCommand = defineCommand({
  name: "install",
  summary: "Start the proxy at each login, and again after a failure.",
  details: "A user unit of systemd, an agent of launchd or a task of Windows runs it in the foreground. " +
    "A running proxy is stopped first. Settings given as options are kept in the env file.",
  examples: [
    ["start it at each login", "cdx2 service install"],
    ["end it when it takes more than a gigabyte of memory", "cdx2 service install --memory-max 1G"],
  ],
  syntax: (command) =>
    command
      .option("--memory-max <size>", "The most memory it may use, such as 512M or 2G.", memorySize)
      .option("--no-hardening", "Do not lock it in, on a system that forbids that to users.")
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, options: { memoryMax, hardening, json } }) => {
    const deps = await serviceDeps(world, flags);
    refuseWithGateway(deps.resolved, "No proxy is to run here");
    const service = autostartHere(world, deps, { memoryMax, isHardened: hardening });
    const onWait: OnWait = (text) => output.info(text);
    await install(world, deps, { service, flags, onWait });
    output.info(`${service.manager} starts the proxy at each login: ${service.file}`);
    const running = await ensureRunning(await managedDeps(world, service, flags), { force: false, onWait });
    output.info(runningLine(running));
    for (const note of [...runningNotes(running), ...service.notes, ...lostNotes(world, deps)]) {
      output.note(note);
    }
    if (json) output.printJson(await stateOf(world, deps, service));
    return 0;
  },
});

const uninstallCommand = defineCommand({
  name: "uninstall",
  summary: "Stop the proxy and start it no more at login.",
  details: "Keys, settings and logs stay.",
  examples: [
    ["remove the service", "cdx2 service uninstall"],
    ["and run the proxy without it", "cdx2 service uninstall && cdx2 proxy"],
  ],
  syntax: (command) => command.option("--json", "Print JSON."),
  run: async ({ world, output, flags, options: { json } }) => {
    const deps = await serviceDeps(world, flags);
    const service = autostartHere(world, deps);
    if (await world.files.info(service.file)) {
      for (const line of service.disable) await done(world, line);
      await world.files.remove(service.file);
      for (const line of service.forget) await done(world, line);
      output.info(`removed ${service.file}`);
    } else output.info(`there is no service: ${service.file} does not exist`);
    if (json) output.printJson(await stateOf(world, deps, service));
    return 0;
  },
});

const statusCommand = defineCommand({
  name: "status",
  summary: "Show whether the service is installed and runs.",
  details: "Exit code 1: it is not installed, or does not run.",
  examples: [
    ["see it", "cdx2 service status"],
    ["the same for scripts", "cdx2 service status --json"],
  ],
  syntax: (command) => command.option("--json", "Print JSON."),
  run: async ({ world, output, flags, options: { json } }) => {
    const deps = await serviceDeps(world, flags);
    const state = await stateOf(world, deps, autostartHere(world, deps));
    if (json) output.printJson(state);
    else output.printLines(stateLines(state));
    return state.installed && state.active ? 0 : 1;
  },
});

const logsCommand = defineCommand({
  name: "logs",
  summary: "Show what the manager has kept of the proxy's output.",
  details: 'Also of a start that failed, which "cdx2 logs" may not have.',
  examples: [
    ["see the last lines", "cdx2 service logs"],
    ["follow them", "cdx2 service logs --follow"],
  ],
  syntax: (command) =>
    command
      .option("-n, --lines <number>", "Number of lines.", parsedAs(wholeNumber(0)), 120)
      .option("-f, --follow", "Keep printing new lines until Ctrl-C."),
  run: async ({ world, flags, options: { lines, follow = false } }) => {
    const service = autostartHere(world, await serviceDeps(world, flags));
    if (!service.logs) {
      throw new UserError(`There is no output of the service: ${service.manager} keeps none`, {
        hint: 'read the log of the proxy with "cdx2 logs"',
      });
    }
    return await runForeground(world, service.logs(lines, follow), world.env);
  },
});

/** The command `cdx2 service`. */
export const serviceCommand = defineGroup({
  ...listed("service"),
  examples: [
    ["have it always there", "cdx2 service install"],
    ["take that back", "cdx2 service uninstall"],
  ],
  commands: [installCommand, uninstallCommand, statusCommand, logsCommand],
});

function autostartHere(world: World, { resolved }: ServiceDeps, options?: InstallOptions): Autostart {
  const service = autostartOf(world, resolved, options);
  if (service) return service;
  throw new UserError("Cannot install a service: the manager of this system is not known", {
    hint: 'have it run "cdx2 proxy --foreground"',
  });
}

async function install(
  world: World,
  deps: ServiceDeps,
  { service, flags, onWait }: {
    readonly service: Autostart;
    readonly flags: GivenFlags;
    readonly onWait: OnWait;
  },
): Promise<void> {
  const { files } = world;
  const { settings } = deps.resolved;
  await prepareAuthDir(files, settings.authDir);
  await keepFlags(deps, flags);
  try {
    // The unit may write to no other folders, and each has to be there when it starts.
    for (const folder of [renewalFolder(world.env, world.homeFolder), dirname(service.file)]) {
      await files.makeFolder(folder);
    }
    await files.writeAtomic(service.file, service.text);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`Cannot install the service: ${error.message}`, {
      hint: "make the folder writable",
    });
  }
  for (const line of service.enable) {
    if (await done(world, line)) continue;
    await files.remove(service.file);
    throw managerFailed(service, line);
  }
  // Only now: where there is no manager, a proxy that runs goes on.
  await stopService(deps, onWait);
}

function managerFailed({ manager }: Autostart, line: CommandLine): UserError {
  return new UserError(`Cannot install the service: "${line.join(" ")}" failed`, {
    hint:
      `run it to see why; where ${manager} does not run, as in a container, use "cdx2 proxy --foreground"`,
  });
}

/** A flag counts for one start, and the service has many. */
async function keepFlags({ files, resolved }: ServiceDeps, flags: GivenFlags): Promise<void> {
  for (const key of ownSettings(resolved)) {
    const text = flags[key];
    if (text !== undefined) await keepInEnvFile(files, resolved.settings, key, text);
  }
}

/** The flags are in `.env` by now, and only the manager starts the proxy. */
async function managedDeps(
  world: World,
  service: Autostart,
  { authDir, envFile }: GivenFlags,
): Promise<ServiceDeps> {
  const deps = await serviceDeps(world, { ...(authDir && { authDir }), ...(envFile && { envFile }) });
  const startManaged = async () => {
    if (await done(world, service.start)) return true;
    throw managerFailed(service, service.start);
  };
  return { ...deps, startManaged };
}

/** What this shell has and the service does not. */
function lostNotes({ env }: World, { resolved }: ServiceDeps): readonly string[] {
  const settings = ownSettings(resolved).filter((key) => resolved.sources[key] === "environment")
    .map((key) => SETTINGS[key].environment);
  const { secret } = networkVariables(env);
  return [
    ...(settings.length === 0 ? [] : [
      `the service does not have ${
        settings.join(", ")
      } of this shell: write it into ${resolved.settings.envFile}`,
    ]),
    ...secret.map((name) => `the service does not have ${name} of this shell, because it holds a password`),
  ];
}

async function stateOf(world: World, deps: ServiceDeps, service: Autostart): Promise<ServiceState> {
  const { manager, file } = service;
  const [installed, active, status] = await Promise.all([
    isInstalled(world, service),
    done(world, service.isActive),
    serviceStatus(deps),
  ]);
  return { manager, file, installed, active, base_url: status.pid_running ? status.base_url : null };
}

function stateLines({ manager, file, installed, active, base_url }: ServiceState): readonly string[] {
  const proxy = base_url === null ? "not running" : `running at ${base_url}`;
  return [
    `installed  ${installed ? `yes: ${file}` : 'no; "cdx2 service install" does it'}`,
    `active     ${active ? `yes, ${manager} runs it` : "no"}`,
    `proxy      ${proxy}${base_url !== null && !active ? `, not by ${manager}` : ""}`,
  ];
}

function memorySize(text: string): string {
  if (/^\d+[KMGT]?$/.test(text)) return text;
  throw new InvalidArgumentError("Allowed is a number of bytes, with K, M, G or T.");
}
