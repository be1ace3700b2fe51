// A machine with two keys on its disk: `work.json`, a login, and `lab.json` with an alias.

import { CliWorld } from "./cli_world.ts";
import { codexLogin } from "./login.ts";
import { AUTH_DIR } from "./service_world.ts";

export function aKeyWorld(): CliWorld {
  const world = new CliWorld();
  world.machine.files.put(`${AUTH_DIR}/work.json`, codexLogin());
  world.machine.files.put(`${AUTH_DIR}/lab.json`, '{"token":"t","alias":"bench"}');
  return world;
}

/** The text of an auth file. */
export function keyText({ machine }: CliWorld, file: string): string | undefined {
  return machine.files.text(`${AUTH_DIR}/${file}`);
}
