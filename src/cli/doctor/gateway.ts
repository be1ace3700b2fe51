/**
 * `cdx2 doctor` where a gateway is set: the keys there, as far as its management key allows, and what is wrong on the way.
 * @module
 */

import { proxyVariable } from "../../config/http_proxy.ts";
import { SETTINGS } from "../../config/settings_table.ts";
import { counted } from "../../values/durations.ts";
import type { GatewayAnswer } from "../gateway/answer.ts";
import { askGateway, type Welcome } from "../gateway/ask.ts";
import { NO_KEY, reasonOf } from "../gateway/error.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { CommandDeps } from "../service.ts";
import { checkCodex } from "./checks.ts";
import { type Diagnosis, ofService } from "./diagnosis.ts";
import type { Service } from "./facts.ts";
import { askService, tryCodex } from "./gather.ts";
import type { Check, Finding } from "./page.ts";

/** What is known of the gateway. Never throws for a gateway that cannot be asked. */
export async function diagnoseGateway(deps: CommandDeps, gateway: Gateway): Promise<Diagnosis> {
  const [answer, service, codex] = await Promise.all([askGateway(gateway), askService(deps), tryCodex(deps)]);
  return {
    ...ofService(service, { nowMs: deps.clock.nowMs(), resolved: deps.resolved, filesHere: [] }),
    isOk: answer.kind === "welcome" && answer.page.usable,
    renewals: new Map(),
    checks: gatewayChecks({ answer, service, url: gateway.url, version: deps.version, env: deps.env })
      .concat({ name: "codex", ...checkCodex({ codex }) }),
  };
}

/** What the checks look at. */
export interface GatewayFacts {
  readonly answer: GatewayAnswer;
  readonly service: Service;
  readonly url: string;
  /** That of this program. */
  readonly version: string;
  readonly env: CommandDeps["env"];
}

/** What can be wrong on the way to a gateway. */
export function gatewayChecks({ answer, service, url, version, env }: GatewayFacts): readonly Check[] {
  const variable = proxyVariable(url, env);
  return [
    { name: "gateway", ...checkGateway(answer, url) },
    ...(answer.kind === "welcome" ? welcomeChecks(answer.page, version) : []),
    { name: "management", ...checkManagement(service) },
    {
      name: "http_proxy",
      status: "ok",
      message: variable === undefined
        ? "no HTTP proxy between here and the gateway"
        : `requests to the gateway go through the HTTP proxy in ${variable}`,
      hint: null,
    },
  ];
}

function checkGateway(answer: GatewayAnswer, url: string): Finding {
  if (answer.kind !== "welcome") {
    const { what, hint } = reasonOf(answer, url);
    return { status: "fail", message: `${url}: ${what}`, hint };
  }
  const { client } = answer.page;
  if (client !== null) {
    return { status: "ok", message: `${url} lets this machine in as ${client}`, hint: null };
  }
  return {
    status: "warn",
    message: `${url} lets in everybody who reaches it`,
    hint: `set ${SETTINGS.requireClientKey.environment}=on there`,
  };
}

function welcomeChecks({ usable, keys, version: theirs }: Welcome, version: string): readonly Check[] {
  return [
    usable
      ? {
        name: "keys",
        status: "ok",
        message: `it has ${counted(keys, "key")}, and one for a request`,
        hint: null,
      }
      : {
        name: "keys",
        status: "fail",
        message: NO_KEY.what,
        hint: NO_KEY.hint,
      },
    theirs === version
      ? { name: "version", status: "ok", message: `version ${version}, as here`, hint: null }
      : {
        name: "version",
        status: "warn",
        message: `it is version ${theirs}, this is ${version}`,
        hint: "have both of one version",
      },
  ];
}

function checkManagement(service: Service): Finding {
  if (service.kind === "running") return { status: "ok", message: "its management key is right", hint: null };
  return { status: "skipped", message: service.reason, hint: service.hint };
}
