/**
 * Asks a gateway: about this client with its key, and about the rest with the management key.
 * @module
 */

import { createManagementClient, isOurReason, type ManagementClient } from "../../api/client.ts";
import { CLIENT_PAGE } from "../../api/client_page.ts";
import type { Debug } from "../../api/debug.ts";
import type { Received } from "../../api/received.ts";
import { SETTINGS } from "../../config/settings_table.ts";
import { withDeadline } from "../../system/clock.ts";
import { SendError } from "../../system/http.ts";
import { UserError } from "../../values/user_error.ts";
import { type GatewayAnswer, gatewayAnswer, type Refused, unanswered } from "./answer.ts";
import { gatewayError } from "./error.ts";
import type { Gateway } from "./gateway.ts";
import { latencyText } from "../../values/durations.ts";

/** A gateway that has let this client in. */
export type Welcome = Extract<GatewayAnswer, { kind: "welcome" }>["page"];

// A handshake over TLS across the world takes less than a second, and a laptop on a train a few.
const TIMEOUT_MS = 15_000;

/** Asks the gateway about this client, and never throws. Without a key to present, the answer is that there is none. */
export async function askGateway(gateway: Gateway): Promise<GatewayAnswer> {
  const { clientKey } = gateway;
  if (clientKey === undefined) return { kind: "no_key" };
  return await clientAnswer(gateway, { authorization: `Bearer ${clientKey.reveal()}` });
}

async function clientAnswer(
  { url, send, clock }: Gateway,
  identity: Readonly<Record<string, string>>,
): Promise<GatewayAnswer> {
  const headers = new Headers({ ...identity, accept: "application/json" });
  try {
    const answer = await withDeadline(clock, TIMEOUT_MS, async (signal) => {
      const response = await send({ url: url + CLIENT_PAGE, method: "GET", headers, signal });
      return gatewayAnswer({
        status: response.status,
        headers: response.headers,
        text: await response.text(),
      });
    });
    return answer ?? unanswered(`no answer within ${latencyText(TIMEOUT_MS)}`);
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

/** A gateway whose management endpoints have answered. */
export interface AnsweringManagement {
  readonly client: ManagementClient;
  /** What it answered. */
  readonly debug: Received<Debug>;
}

/**
 * Asks the gateway's management endpoints what it says of itself.
 * @throws {@link UserError} without the gateway's management key, with a wrong one, and when it does not answer
 */
export async function answeringManagement(gateway: Gateway): Promise<AnsweringManagement> {
  const { url, managementKey, send, clock } = gateway;
  if (managementKey === undefined) {
    throw managementKeyError(`Cannot look into the gateway ${url} without its management key`);
  }
  const client = createManagementClient({ send, clock, baseUrl: url, managementKey, timeoutMs: TIMEOUT_MS });
  const result = await client.debug();
  switch (result.kind) {
    case "answer":
      return { client, debug: result.value };
    case "unauthorized":
      throw managementKeyError(`The gateway ${url} has another management key`);
    case "unreachable":
      throw gatewayError(unanswered(result.reason), url);
    case "unexpected": {
      const other = await otherAnswer(gateway, result.reason);
      throw gatewayError(other ?? { kind: "refused", message: result.reason }, url);
    }
  }
}

/** What answers in the place of the gateway; `undefined` when that is itself, which may say why. Shows it no key. */
async function otherAnswer(gateway: Gateway, said: string): Promise<Refused | undefined> {
  const answer = await clientAnswer(gateway, {});
  if (answer.kind === "redirected" || answer.kind === "down") return answer;
  return answer.kind === "foreign" && isOurReason(said) ? answer : undefined;
}

function managementKeyError(message: string): UserError {
  return new UserError(message, {
    hint: `ask who runs it for the key, and set ${SETTINGS.remoteManagementKey.environment}`,
    exitCode: 2,
  });
}
