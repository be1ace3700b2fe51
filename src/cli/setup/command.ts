/**
 * `cdx2 setup codex`: routes plain `codex`, the IDE extension and the desktop app through the proxy, by lines in Codex's
 * own file of settings, and takes them out again.
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import type { Output } from "../../screen/output.ts";
import { counted } from "../../values/durations.ts";
import { UserError } from "../../values/user_error.ts";
import type { Overrides } from "../codex/args.ts";
import { defineCommand, defineGroup } from "../command.ts";
import { listed } from "../command_list.ts";
import type { GivenFlags } from "../options.ts";
import { serviceDeps } from "../service.ts";
import type { World } from "../world.ts";
import {
  type CodexConfig,
  readCodexConfig,
  strayProfileFiles,
  undoCodexConfig,
  writeCodexConfig,
} from "./codex_config.ts";
import { type Edit, routed, strayProfiles } from "./config_toml.ts";
import { type Destination, proxyAsPlanned, proxyHere, remoteGateway } from "./destination.ts";
import { isRouted } from "./marks.ts";
import type { SetupCodex } from "./pages.ts";

type Edited = Extract<Edit, { kind: "edited" }>;

const setupCodexCommand = defineCommand({
  name: "codex",
  summary: "Route plain codex, the IDE extension and the desktop app through the proxy.",
  details:
    "Adds lines to config.toml in CODEX_HOME or ~/.codex, each with a mark, and changes nothing else there. " +
    "The proxy is started, and keeps its port; with CLIPROXY_REMOTE the lines lead to the gateway.",
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
    const config = await readCodexConfig(world);
    const wish = async (): Promise<Wish> => ({
      config,
      destination: await destinationFor(world, output, { flags, isPrinted: options.print === true }),
      replace: options.replace === true,
    });
    const answer = options.undo
      ? await undo(world, output, config)
      : options.print
      ? dryRun(output, await wish())
      : await write(world, output, await wish());
    if (options.json) output.printJson(answer);
    else output.printLines(answer.added);
    return 0;
  },
});

/** The command `cdx2 setup`. */
export const setupCommand = defineGroup({
  ...listed("setup"),
  examples: [
    ["route Codex in every form it has", "cdx2 setup codex"],
    ["have Codex go its own way again", "cdx2 setup codex --undo"],
  ],
  commands: [setupCodexCommand],
});

async function destinationFor(
  world: World,
  output: Output,
  { flags, isPrinted }: { readonly flags: GivenFlags; readonly isPrinted: boolean },
): Promise<Destination> {
  const deps = await serviceDeps(world, flags);
  if (deps.gateway !== undefined) return await remoteGateway(deps.gateway);
  return isPrinted
    ? await proxyAsPlanned(world, output, deps)
    : await proxyHere(world, output, { deps, flags });
}

interface Wish {
  readonly config: CodexConfig;
  readonly destination: Destination;
  readonly replace: boolean;
}

async function write(
  world: World,
  output: Output,
  { config, destination: { baseUrl, overrides, notes }, replace }: Wish,
): Promise<SetupCodex> {
  const edit = edited(config, overrides, replace);
  const answer = answerOf(config, edit, baseUrl);
  if (edit.text === config.text) {
    output.info(`${config.path} routes Codex to ${baseUrl} already`);
    return answer;
  }
  await writeCodexConfig(world, config, edit.text);
  output.info(
    `Codex is routed to ${baseUrl} by ${counted(edit.added.length, "line")} in ${config.path}`,
  );
  for (const line of edit.replaced) output.info(`made a comment: ${line}`);
  output.note("what runs already keeps its old route: restart Codex, the IDE and the app");
  for (const note of notes) output.note(note);
  for (const name of [...strayProfiles(edit.text), ...await strayProfileFiles(world, config)]) {
    output.note(`the profile ${name} names a provider of its own, which does not lead through the proxy`);
  }
  return { ...answer, did: "wrote", backup: await backupIn(world, config) };
}

function dryRun(output: Output, { config, destination, replace }: Wish): SetupCodex {
  const edit = edited(config, destination.overrides, replace);
  output.info(`these lines would be in ${config.path}`);
  for (const line of edit.replaced) output.info(`would become a comment: ${line}`);
  return answerOf(config, edit, destination.baseUrl);
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
