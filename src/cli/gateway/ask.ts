/**
 * Asks a gateway: about this client with its key, and about the rest with the management key.
 * @module
 */

import { createManagementClient, type ManagementClient } from "../../api/client.ts";
import { CLIENT_PAGE } from "../../api/client_page.ts";
import { SETTINGS } from "../../config/settings_table.ts";
import { withDeadline } from "../../system/clock.ts";
import { SendError } from "../../system/http.ts";
import { UserError } from "../../values/user_error.ts";
import { type GatewayAnswer, gatewayAnswer, unanswered } from "./answer.ts";
import { gatewayError } from "./error.ts";
import type { Gateway } from "./gateway.ts";

/** A gateway that has let this client in. */
export type Welcome = Extract<GatewayAnswer, { kind: "welcome" }>["page"];

// A handshake over TLS across the world takes less than a second, and a laptop on a train a few.
const TIMEOUT_MS = 15_000;

/** Asks the gateway about this client, and never throws. Without a key to present, the answer is that there is none. */
export async function askGateway({ url, clientKey, send, clock }: Gateway): Promise<GatewayAnswer> {
  if (clientKey === undefined) return { kind: "no_key" };
  const headers = new Headers({ authorization: `Bearer ${clientKey.reveal()}`, accept: "application/json" });
  try {
    const answer = await withDeadline(clock, TIMEOUT_MS, async (signal) => {
      const response = await send({ url: url + CLIENT_PAGE, method: "GET", headers, signal });
      return gatewayAnswer({
        status: response.status,
        headers: response.headers,
        text: await response.text(),
      });
    });
    return answer ?? unanswered(`no answer within ${TIMEOUT_MS / 1000} s`);
  } catch (error) {
    if (!(error instanceof SendError)) throw error;
    return unanswered(error.message);
  }
}

/** The gateway's page for this client. @throws {@link UserError} when there is none */
export async function welcomeFrom(gateway: Gateway): Promise<Welcome> {
  const answer = await askGateway(gateway);
  if (answer.kind === "welcome") return answer.page;
  throw gatewayError(answer, gateway.url);
}

/**
 * A client of the gateway's management endpoints.
 * @throws {@link UserError} without the gateway's management key
 */
export function gatewayManagement({ url, managementKey, send, clock }: Gateway): ManagementClient {
  if (managementKey === undefined) throw noManagementKey(url);
  return createManagementClient({ send, clock, baseUrl: url, managementKey, timeoutMs: TIMEOUT_MS });
}

/** The commands that look into the gateway need its management key. */
export function noManagementKey(url: string): UserError {
  return new UserError(`Cannot look into the gateway ${url} without its management key`, {
    hint: `ask who runs it for the key, and set ${SETTINGS.remoteManagementKey.environment}`,
    exitCode: 2,
  });
}

/**
 * The same, once it has answered.
 * @throws {@link UserError} without the gateway's management key, with a wrong one, and when it does not answer
 */
export async function answeringManagement(gateway: Gateway): Promise<ManagementClient> {
  const client = gatewayManagement(gateway);
  const result = await client.debug();
  switch (result.kind) {
    case "answer":
      return client;
    case "unauthorized":
      throw new UserError(`The gateway ${gateway.url} has another management key`, {
        hint: `ask who runs it for the key, and set ${SETTINGS.remoteManagementKey.environment}`,
        exitCode: 2,
      });
    case "unreachable":
      throw gatewayError(unanswered(result.reason), gateway.url);
    case "unexpected":
      throw gatewayError({ kind: "refused", message: result.reason }, gateway.url);
  }
}
