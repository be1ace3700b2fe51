/**
 * What other tools call the things that our commands do. A word that is not a command is looked up here before the
 * nearest name is suggested: "restart" is not a mistyped "reset".
 * @module
 */

import { nearest } from "../values/nearest.ts";

/** By the word, the command line that does what is meant. */
const SYNONYMS: ReadonlyMap<string, string> = new Map(Object.entries({
  start: "cdx2 proxy",
  up: "cdx2 proxy",
  serve: "cdx2 proxy",
  server: "cdx2 proxy",
  daemon: "cdx2 proxy",
  restart: "cdx2 proxy --force",
  reload: "cdx2 proxy --force",
  kill: "cdx2 stop",
  down: "cdx2 stop",
  quit: "cdx2 stop",
  exit: "cdx2 stop",
  shutdown: "cdx2 stop",
  login: "cdx2 auth login",
  signin: "cdx2 auth login",
  add: "cdx2 auth import",
  import: "cdx2 auth import",
  remove: "cdx2 auth remove KEY",
  rm: "cdx2 auth remove KEY",
  delete: "cdx2 auth remove KEY",
  logout: "cdx2 auth remove KEY",
  list: "cdx2 auth list",
  ls: "cdx2 auth list",
  keys: "cdx2 auth list",
  accounts: "cdx2 auth list",
  refresh: "cdx2 auth refresh",
  renew: "cdx2 auth refresh",
  rename: "cdx2 auth rename KEY NAME",
  enable: "cdx2 auth enable KEY",
  disable: "cdx2 auth disable KEY",
  limits: "cdx2 all",
  limit: "cdx2 all",
  quota: "cdx2 all",
  history: "cdx2 usage",
  stats: "cdx2 usage",
  costs: "cdx2 usage",
  tokens: "cdx2 usage",
  dashboard: "cdx2 all",
  watch: "cdx2 trace",
  top: "cdx2 trace",
  monitor: "cdx2 trace",
  requests: "cdx2 trace",
  log: "cdx2 logs",
  tail: "cdx2 logs --follow",
  env: "cdx2 proxy --print-env",
  export: "cdx2 proxy --print-env",
  config: "cdx2 status --settings",
  settings: "cdx2 status --settings",
  info: "cdx2 status",
  ps: "cdx2 status",
  health: "cdx2 doctor",
  check: "cdx2 doctor",
  diagnose: "cdx2 doctor",
  unblock: "cdx2 reset",
  clear: "cdx2 reset",
  exec: "cdx2 run -- COMMAND",
  client: "cdx2 clients list",
  completion: "cdx2 completions bash",
  update: "cdx2 version --check",
  upgrade: "cdx2 version --check",
}));

/**
 * The whole command line that was probably meant by `word`, which is not one of `commands` below `path`; `undefined` when
 * nothing is near.
 */
export function meantCommand(word: string, path: string, commands: readonly string[]): string | undefined {
  if (path === "cdx2" && SYNONYMS.has(word.toLowerCase())) return SYNONYMS.get(word.toLowerCase());
  const name = nearest(word.toLowerCase(), commands);
  return name === undefined ? undefined : `${path} ${name}`;
}
