/**
 * Runs a program of the user's through the gateway, in the foreground. No proxy starts, and no key is needed here.
 * @module
 */

import { runForeground } from "../child.ts";
import { codexArguments, type CodexRoute } from "../codex/args.ts";
import { chatById } from "../codex/chats.ts";
import { OWN_PROVIDER } from "../codex/provider.ts";
import { codexTask } from "../codex/task.ts";
import { codexProgram, isCodex } from "../codex_program.ts";
import { UserError } from "../../values/user_error.ts";
import type { World } from "../world.ts";
import { gatewayEnvironment, gatewayRoute } from "./client.ts";
import { welcomeFrom } from "./ask.ts";
import type { Gateway } from "./gateway.ts";

/** What is run. */
export interface GatewayRun {
  readonly program: string;
  readonly args: readonly string[];
  /** The only key that it gets, by any of its names: only the gateway knows them. */
  readonly pinned: string | undefined;
}

/** Resolves with the program's exit code. @throws UserError when the gateway cannot be used */
export async function runThroughGateway(
  world: World,
  gateway: Gateway,
  { program, args, pinned }: GatewayRun,
): Promise<number> {
  const page = await welcomeFrom(gateway);
  const asCodex = program === codexProgram(world.env).command || isCodex(program);
  const route = gatewayRoute(gateway, page, pinned);
  const routedArgs = asCodex ? await routed(world, route, args) : args;
  const variables = gatewayEnvironment(gateway, { current: world.env, pinned });
  return await runForeground(world, [program, ...routedArgs], { ...world.env, ...variables });
}

/** @throws UserError for a chat of another provider, which Codex opens with that one only: past the gateway */
async function routed(world: World, route: CodexRoute, args: readonly string[]): Promise<readonly string[]> {
  const task = codexTask(args);
  if (task.kind === "no_model") return args;
  const chat = task.kind === "reopen" ? await chatById(world, task.chat) : undefined;
  if (chat !== undefined && chat.provider !== OWN_PROVIDER) {
    throw new UserError(
      `Cannot open this chat through the gateway: it began with the provider ${chat.provider}`,
      {
        hint: "open it with plain codex, or begin a new chat here",
      },
    );
  }
  return codexArguments(route, OWN_PROVIDER, args);
}
