/**
 * `cdx2 clients`: makes, lists and removes the keys of clients. A running proxy follows within two seconds.
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import {
  ALLOWED_CLIENT_NAMES,
  CLIENT_KEY_BYTES,
  CLIENT_KEY_PREFIX,
  type ClientKey,
  hashOfClientKey,
  isClientName,
} from "../../config/client_keys.ts";
import { changeClientKeys, clientKeysIn } from "../../runtime/client_key_file.ts";
import { prepareAuthDir } from "../../runtime/first_start.ts";
import { Columns } from "../../screen/table.ts";
import { durationText } from "../../values/durations.ts";
import { randomKey } from "../../system/random.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand, defineGroup } from "../command.ts";
import { listed } from "../command_list.ts";
import { localSettings } from "../settings.ts";
import type { ClientsAdd, ClientsList, ClientsRemove } from "./pages.ts";

const CLIENTS = "The clients are those of the gateway";

const addClientCommand = defineCommand({
  name: "add",
  summary: "Make a key for a client and print it once.",
  details: "Only its hash is kept, so nobody can print it again.",
  examples: [
    ["let a CI server in", "cdx2 clients add ci"],
    ["the same in a script", "cdx2 clients add ci --json"],
  ],
  syntax: (command) =>
    command
      .argument("<name>", "What to call the client.", clientNameFrom)
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [name], options: { json } }) => {
    const { settings: { authDir } } = await localSettings(world, flags, CLIENTS);
    await prepareAuthDir(world.files, authDir);
    const key = CLIENT_KEY_PREFIX + randomKey(CLIENT_KEY_BYTES);
    const createdAt = new Date(world.clock.nowMs()).toISOString();
    await changeClientKeys(world, authDir, (keys) => {
      if (findClient(keys, name)) throw clientExists(name);
      return [...keys, { name, sha256: hashOfClientKey(key), createdAt }];
    });
    output.info(`made a key for ${name}; it is shown this once, and the client sends it as its API key`);
    if (json) output.printJson({ name, key, created_at: createdAt, auth_dir: authDir } satisfies ClientsAdd);
    else output.printLines([key]);
    return 0;
  },
});

const listClientsCommand = defineCommand({
  name: "list",
  summary: "List the clients.",
  examples: [
    ["see who may use the proxy", "cdx2 clients list"],
    ["the same for scripts", "cdx2 clients list --json"],
  ],
  syntax: (command) => command.option("--json", "Print JSON."),
  run: async ({ world, output, flags, options: { json } }) => {
    const { settings: { authDir } } = await localSettings(world, flags, CLIENTS);
    const keys = await clientKeysIn(world.files, authDir);
    if (json) {
      const clients = keys.map(({ name, createdAt }) => ({ name, created_at: createdAt }));
      output.printJson({ auth_dir: authDir, clients } satisfies ClientsList);
      return 0;
    }
    if (keys.length === 0) output.info('no clients; "cdx2 clients add NAME" makes a key for one');
    output.printLines(clientLines(keys, world.clock.nowMs()));
    return 0;
  },
});

const removeClientCommand = defineCommand({
  name: "remove",
  summary: "Take a client's key back.",
  examples: [
    ["lock a client out", "cdx2 clients remove ci"],
    ["the same in a script", "cdx2 clients remove ci --json"],
  ],
  syntax: (command) =>
    command
      .argument("<name>", "As in `cdx2 clients list`.")
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [name], options: { json } }) => {
    const { settings: { authDir } } = await localSettings(world, flags, CLIENTS);
    const withoutIt = (keys: readonly ClientKey[]) => {
      const client = findClient(keys, name);
      if (client === undefined) throw noSuchClient(name, keys);
      return keys.filter((other) => other !== client);
    };
    // Tried before anything is written: the folder may not even be there.
    withoutIt(await clientKeysIn(world.files, authDir));
    await changeClientKeys(world, authDir, withoutIt);
    output.info(`removed ${name}; a running proxy refuses its key within 2s`);
    if (json) output.printJson({ removed: name, auth_dir: authDir } satisfies ClientsRemove);
    return 0;
  },
});

/** The command `cdx2 clients`. */
export const clientsCommand = defineGroup({
  ...listed("clients"),
  examples: [
    ["let a CI server in", "cdx2 clients add ci"],
    ["see who may use the proxy", "cdx2 clients list"],
    ["lock a client out", "cdx2 clients remove ci"],
  ],
  commands: [addClientCommand, listClientsCommand, removeClientCommand],
});

function clientNameFrom(name: string): string {
  if (!isClientName(name)) throw new InvalidArgumentError(`Allowed are ${ALLOWED_CLIENT_NAMES}.`);
  return name;
}

/** Names that differ only in capitals are one: people read them aloud. */
function findClient(keys: readonly ClientKey[], name: string): ClientKey | undefined {
  return keys.find((key) => key.name.toLowerCase() === name.toLowerCase());
}

function clientExists(name: string): UserError {
  return new UserError(`There is a client ${name} already`, {
    hint: `choose another name, or take its key back with "cdx2 clients remove ${name}"`,
  });
}

function noSuchClient(name: string, keys: readonly ClientKey[]): UserError {
  const known = keys.length === 0
    ? "there are no clients"
    : `known are ${keys.map((key) => key.name).join(", ")}`;
  return new UserError(`There is no client ${name}`, { hint: known });
}

function clientLines(keys: readonly ClientKey[], nowMs: number): readonly string[] {
  if (keys.length === 0) return [];
  const rows = keys.map((
    { name, createdAt },
  ) => [name, `${durationText(nowMs - Date.parse(createdAt))} ago`]);
  return new Columns().align([["NAME", "MADE"], ...rows]);
}
