/**
 * `cdx2 setup codex`: routes plain `codex`, the IDE extension and the desktop app through the proxy, by lines in Codex's
 * own file of settings, and takes them out again.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { listKeys } from "../../auth/folder.ts";
import { loopbackProxyVariable } from "../../config/http_proxy.ts";
import { keepInEnvFile } from "../../runtime/first_start.ts";
import type { ServiceDeps } from "../../runtime/observe.ts";
import { ensureRunning } from "../../runtime/service.ts";
import { serviceStatus } from "../../runtime/status.ts";
import { counted } from "../../values/durations.ts";
import type { Output } from "../../screen/output.ts";
import { UserError } from "../../values/user_error.ts";
import { codexOverrides, type Overrides } from "../codex/args.ts";
import { codexLoginText } from "../codex_login.ts";
import { codexProgram } from "../codex_program.ts";
import { usualProvider } from "../codex/provider.ts";
import { codexRoute, type CodexService, hasCodexLogin } from "../codex/route.ts";
import { defineCommand, defineGroup } from "../command.ts";
import type { GivenFlags } from "../options.ts";
import { runningNotes } from "../running.ts";
import { serviceDeps } from "../service.ts";
import { localSettings, resolvedSettings } from "../settings.ts";
import type { World } from "../world.ts";
import {
  type CodexConfig,
  readCodexConfig,
  strayProfileFiles,
  undoCodexConfig,
  writeCodexConfig,
} from "./codex_config.ts";
import { type Edit, routed, strayProfiles } from "./config_toml.ts";
import { isRouted } from "./marks.ts";
import type { SetupCodex } from "./pages.ts";

type Edited = Extract<Edit, { kind: "edited" }>;

const PLAIN_CODEX =
  'Plain Codex cannot be routed to a gateway, since its file would have to hold the client key; "cdx2 codex" works';

const setupCodexCommand = defineCommand({
  name: "codex",
  summary: "Route plain codex, the IDE extension and the desktop app through the proxy.",
  details:
    "Adds lines to config.toml in CODEX_HOME or ~/.codex, each with a mark, and changes nothing else there. " +
    "The proxy is started, and keeps its port.",
  examples: [
    ["see the lines first", "cdx2 setup codex --print"],
    ["write them", "cdx2 setup codex"],
    ["write them although the file has such settings; those become comments", "cdx2 setup codex --replace"],
    ["have the file as it was before", "cdx2 setup codex --undo"],
  ],
  syntax: (command) =>
    command
      .addOption(new Option("--print", "Print the lines and change nothing.").conflicts("undo"))
      .addOption(new Option("--replace", "Make other values of these settings comments.").conflicts("undo"))
      .option("--undo", "Take the lines out, and restore what they replaced.")
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, options }) => {
    // Taking the lines out is always right.
    if (!options.undo) await localSettings(world, flags, PLAIN_CODEX);
    const config = await readCodexConfig(world);
    const answer = options.undo
      ? await undo(world, output, config)
      : options.print
      ? await dryRun(world, output, { config, flags, replace: options.replace === true })
      : await write(world, output, { config, flags, replace: options.replace === true });
    if (options.json) output.printJson(answer);
    else output.printLines(answer.added);
    return 0;
  },
});

/** The command `cdx2 setup`. */
export const setupCommand = defineGroup({
  name: "setup",
  group: "Clients:",
  summary: "Route a client through the proxy for good, and undo it.",
  examples: [
    ["route Codex in every form it has", "cdx2 setup codex"],
    ["have Codex go its own way again", "cdx2 setup codex --undo"],
  ],
  commands: [setupCodexCommand],
});

interface Wish {
  readonly config: CodexConfig;
  readonly flags: GivenFlags;
  readonly replace: boolean;
}

async function write(world: World, output: Output, { config, flags, replace }: Wish): Promise<SetupCodex> {
  const deps = await serviceDeps(world, flags);
  const running = await ensureRunning(deps, { force: false });
  for (const note of runningNotes(running)) output.note(note);
  await keepAddress(world, deps, { flags, address: running.service });
  const edit = edited(config, await overridesFor(world, running.service), replace);
  const answer = answerOf(config, edit, running.service.base_url);
  if (edit.text === config.text) {
    output.info(`${config.path} routes Codex to ${running.service.base_url} already`);
    return answer;
  }
  await writeCodexConfig(world, config, edit.text);
  output.info(
    `Codex is routed to ${running.service.base_url} by ${
      counted(edit.added.length, "line")
    } in ${config.path}`,
  );
  for (const line of edit.replaced) output.info(`made a comment: ${line}`);
  const profiles = [...strayProfiles(edit.text), ...await strayProfileFiles(world, config)];
  for (const note of notesFor(world, profiles)) output.note(note);
  return { ...answer, did: "wrote", backup: await backupIn(world, config) };
}

async function dryRun(world: World, output: Output, { config, flags, replace }: Wish): Promise<SetupCodex> {
  const status = await serviceStatus(await serviceDeps(world, flags));
  const { base_url, host, port, auth_dir, upstream_base_url } = status;
  if (port === null) output.note("the port is chosen when the proxy starts for the first time; here it is 0");
  const place = { host: host ?? "127.0.0.1", port: port ?? 0, auth_dir, upstream_base_url };
  const edit = edited(config, await overridesFor(world, place), replace);
  output.info(`these lines would be in ${config.path}`);
  for (const line of edit.replaced) output.info(`would become a comment: ${line}`);
  return answerOf(config, edit, base_url);
}

async function undo(world: World, output: Output, config: CodexConfig): Promise<SetupCodex> {
  const { path: file, text } = config;
  const answer = { file, added: [], replaced: [], base_url: null };
  if (text === undefined || !isRouted(text)) {
    output.info(`there are no lines of cdx2 in ${file}`);
    return { ...answer, did: "nothing", backup: null };
  }
  await undoCodexConfig(world, { ...config, text });
  output.info(`${file} is as it was before: Codex goes its own way from its next start on`);
  const backup = await backupIn(world, config);
  if (backup) output.note(`the file has changed since; ${backup} has the copy from before`);
  return { ...answer, did: "undid", backup };
}

async function overridesFor(
  world: World,
  service: CodexService & { readonly auth_dir: string },
): Promise<Overrides> {
  const { command } = codexProgram(world.env);
  const isLoggedIn = await hasCodexLogin(world, command) || await isOnlyInIde(world, command);
  const listing = await listKeys(world.files, service.auth_dir);
  const route = codexRoute(service, listing, { pinned: undefined, isLoggedIn });
  return codexOverrides(route, usualProvider(isLoggedIn));
}

/** An IDE or the app may bring a Codex of its own, which is not on the PATH and cannot be asked. */
async function isOnlyInIde(world: World, codex: string): Promise<boolean> {
  const isOnPath = await world.processes.outputOf(codex, ["--version"]) !== undefined;
  return !isOnPath && await codexLoginText(world) !== undefined;
}

function edited({ path, text }: CodexConfig, overrides: Overrides, replace: boolean): Edited {
  const edit = routed(text, overrides, { replace });
  switch (edit.kind) {
    case "edited":
      return edit;
    case "foreign":
      throw new UserError(`Cannot route Codex: ${path} sets ${edit.settings.join(" and ")}`, {
        hint: 'make that a comment with "cdx2 setup codex --replace"; --undo brings it back',
      });
    case "no_place":
      throw new UserError(`Cannot route Codex: no line can set ${edit.setting} in ${path}`, {
        hint: `write the table that it belongs to as [${edit.setting.split(".")[0]}] instead of in braces`,
      });
    case "broken":
      throw new UserError(`Cannot route Codex: ${path} is not TOML: ${edit.reason}`, {
        hint: "fix the file; Codex cannot read it either",
      });
  }
}

/** A flag counts for one start only, and the address in Codex's file stays. */
async function keepAddress(
  world: World,
  { files }: ServiceDeps,
  { flags, address }: { flags: GivenFlags; address: { readonly host: string; readonly port: number } },
): Promise<void> {
  const { settings } = await resolvedSettings(world, { ...flags, host: undefined, port: undefined });
  const { host, port } = address;
  if (settings.port !== port) await keepInEnvFile(files, settings, "port", String(port));
  if (settings.host !== host) await keepInEnvFile(files, settings, "host", host);
}

function notesFor({ env }: World, profiles: readonly string[]): readonly string[] {
  const variable = loopbackProxyVariable(env);
  return [
    "what runs already keeps its old route: restart Codex, the IDE and the app",
    'Codex now needs the proxy: "cdx2 service install" starts it at each login',
    ...(variable === undefined ? [] : [
      `Codex would send these requests through the HTTP proxy in ${variable}: add 127.0.0.1,localhost to NO_PROXY`,
    ]),
    ...profiles.map((name) =>
      `the profile ${name} names a provider of its own, which does not lead through the proxy`
    ),
  ];
}

function answerOf({ path: file }: CodexConfig, edit: Edited, baseUrl: string | null): SetupCodex {
  const { added, replaced } = edit;
  return {
    file,
    did: "nothing",
    added: [...added],
    replaced: [...replaced],
    backup: null,
    base_url: baseUrl,
  };
}

async function backupIn({ files }: World, { backup }: CodexConfig): Promise<string | null> {
  return await files.info(backup) ? backup : null;
}
