/**
 * Where Codex is to be routed for good: to the proxy of this machine, or to the gateway that the settings name.
 * @module
 */

import { listKeys } from "../../auth/folder.ts";
import { loopbackProxyVariable } from "../../config/http_proxy.ts";
import { SETTINGS } from "../../config/settings_table.ts";
import { keepInEnvFile } from "../../runtime/first_start.ts";
import type { ServiceDeps } from "../../runtime/observe.ts";
import { ensureRunning } from "../../runtime/service.ts";
import { serviceStatus } from "../../runtime/status.ts";
import type { Output } from "../../screen/output.ts";
import { codexOverrides, type Overrides } from "../codex/args.ts";
import { OWN_PROVIDER, usualProvider } from "../codex/provider.ts";
import { codexRoute, type CodexService, hasCodexLogin } from "../codex/route.ts";
import { codexLoginText } from "../codex_login.ts";
import { codexProgram } from "../codex_program.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { GivenFlags } from "../options.ts";
import { runningNotes } from "../running.ts";
import { resolvedSettings } from "../settings.ts";
import type { World } from "../world.ts";

/** Where Codex is to go. */
export interface Destination {
  /** `null` when the proxy has never had an address. */
  readonly baseUrl: string | null;
  /** The settings that lead Codex there. */
  readonly overrides: Overrides;
  /** What the user should know once they are written. */
  readonly notes: readonly string[];
}

/** The proxy of this machine, which is started for it, and keeps its address from now on. */
export async function proxyHere(
  world: World,
  output: Output,
  { deps, flags }: { readonly deps: ServiceDeps; readonly flags: GivenFlags },
): Promise<Destination> {
  const running = await ensureRunning(deps, { force: false, onWait: (text) => output.info(text) });
  for (const note of runningNotes(running)) output.note(note);
  await keepAddress(world, deps, { flags, address: running.service });
  const variable = loopbackProxyVariable(world.env);
  return {
    baseUrl: running.service.base_url,
    overrides: await overridesFor(world, running.service),
    notes: [
      'Codex now needs the proxy: "cdx2 service install" starts it at each login',
      ...(variable === undefined ? [] : [
        `Codex would send these requests through the HTTP proxy in ${variable}: add 127.0.0.1,localhost to NO_PROXY`,
      ]),
    ],
  };
}

/** The same, for a look at the lines: nothing is started or kept. */
export async function proxyAsPlanned(world: World, output: Output, deps: ServiceDeps): Promise<Destination> {
  const status = await serviceStatus(deps);
  const { base_url: baseUrl, host, port, auth_dir, upstream_base_url } = status;
  if (port === null) output.note("the port is chosen when the proxy starts for the first time; here it is 0");
  const place = { host: host ?? "127.0.0.1", port: port ?? 0, auth_dir, upstream_base_url };
  return { baseUrl, overrides: await overridesFor(world, place), notes: [] };
}

/** The gateway, which is asked what it can do. The client key stays out of Codex's file. @throws UserError from asking */
export async function remoteGateway(gateway: Gateway): Promise<Destination> {
  const { welcomeFrom } = await import("../gateway/ask.ts");
  const { gatewayRoute } = await import("../gateway/client.ts");
  const route = gatewayRoute(gateway, await welcomeFrom(gateway), undefined);
  return {
    baseUrl: gateway.url,
    overrides: codexOverrides(route, OWN_PROVIDER),
    notes: [
      `Codex reads the client key from ${SETTINGS.clientKey.environment}: set it where Codex, the IDE and the app start`,
      "chats that began with your own login do not lead to the gateway: begin new ones",
    ],
  };
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
