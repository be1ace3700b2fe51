/**
 * What a command needs to talk to the service: the resolved settings and a client of the running proxy.
 * @module
 */

import { isLoopbackHost, unbracketed } from "../config/address.ts";
import type { Given } from "../config/settings.ts";
import { UserError } from "../values/user_error.ts";
import { createManagementClient, type ManagementClient, type Result } from "../api/client.ts";
import { observeService, type ServiceDeps } from "../runtime/observe.ts";
import { whySilent } from "../runtime/plan.ts";
import { type Gateway, gatewayOf } from "./gateway/gateway.ts";
import { resolvedSettings } from "./settings.ts";
import { VERSION } from "./version.ts";
import type { World } from "./world.ts";

/** What a command needs to talk to the proxy that it is about. */
export interface CommandDeps extends ServiceDeps {
  /** The proxy of another machine that is used in the place of one here; `undefined` when none is set. */
  readonly gateway: Gateway | undefined;
}

/**
 * Resolves the settings from `flags`, the environment and the env file.
 * @throws {@link UserError} with exit code 2 for a value that is not allowed, or an env file that cannot be read
 */
export async function serviceDeps(world: World, flags: Given["flags"]): Promise<CommandDeps> {
  const { files, processes, clock, env } = world;
  const resolved = await resolvedSettings(world, flags);
  return {
    files,
    processes,
    clock,
    resolved,
    gateway: gatewayOf(world, resolved.settings),
    env,
    version: VERSION,
    startManaged: async () => {
      const { startManaged } = await import("./service_command/managed.ts");
      return await startManaged(world, resolved);
    },
    connect: (baseUrl, managementKey) => {
      const { hostname } = new URL(baseUrl);
      const plainGet = isLoopbackHost(unbracketed(hostname)) ? world.plainGet : undefined;
      return createManagementClient({
        send: world.sendTo(hostname),
        plainGet,
        clock,
        baseUrl,
        managementKey,
      });
    },
  };
}

/** A client of the running proxy, or of the gateway. @throws {@link UserError} when none answers */
export async function runningClient(deps: CommandDeps): Promise<ManagementClient> {
  if (deps.gateway !== undefined) {
    const { answeringManagement } = await import("./gateway/ask.ts");
    return (await answeringManagement(deps.gateway)).client;
  }
  const { facts, client } = await observeService(deps);
  if (!("reply" in facts) || client === undefined) {
    throw new UserError("The proxy is not running", { hint: 'start it with "cdx2 proxy"' });
  }
  switch (facts.reply.kind) {
    case "debug":
      return client;
    case "unauthorized":
      throw wrongManagementKey();
    case "unasked":
    case "silent":
      throw new UserError(`The proxy (pid ${facts.holder.pid}) does not answer: ${whySilent(facts.reply)}`, {
        hint: 'replace it with "cdx2 proxy --force"',
      });
  }
}

/** The value of an answer. @throws {@link UserError} when the proxy gave none */
export function unwrap<T>(result: Result<T>): T {
  switch (result.kind) {
    case "answer":
      return result.value;
    case "unauthorized":
      throw wrongManagementKey();
    case "unreachable":
    case "unexpected":
      throw new UserError(`The proxy does not answer: ${result.reason}`, {
        hint: 'check it with "cdx2 status"',
      });
  }
}

function wrongManagementKey(): UserError {
  return new UserError("The running proxy has another management key", {
    hint: "pass its key with --management-key",
  });
}
