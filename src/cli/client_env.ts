/**
 * The environment variables that route a client through the proxy, and the statements that set them in each shell. A
 * shell evaluates what is printed, so every value is quoted.
 * @module
 */

import { directTo } from "../config/http_proxy.ts";
import type { Environment } from "../system/process.ts";
import { fishQuoted, powershellQuoted, shQuoted } from "./shell_quote.ts";

/** Where clients find the running proxy, and the files that it was started from. */
export interface ProxyEndpoint {
  /** Without a path or a trailing slash. */
  readonly baseUrl: string;
  /** The address that it listens on. */
  readonly host: string;
  readonly port: number;
  readonly authDir: string;
  readonly envFile: string;
}

// SDKs refuse to start without a key; the proxy replaces it with a real one.
const PLACEHOLDER_API_KEY = "cdx2-local";

/**
 * The variables for clients of the proxy. `current` are the user's: an API key is kept, lists of hosts without an HTTP
 * proxy are extended. The management key is not included.
 */
export function clientEnvironment(endpoint: ProxyEndpoint, current: Environment): Environment {
  return {
    OPENAI_BASE_URL: endpoint.baseUrl,
    OPENAI_API_BASE: endpoint.baseUrl,
    ...(current["OPENAI_API_KEY"] ? {} : { OPENAI_API_KEY: PLACEHOLDER_API_KEY }),
    CLIPROXY_AUTH_DIR: endpoint.authDir,
    CLIPROXY_ENV_FILE: endpoint.envFile,
    CLIPROXY_HOST: endpoint.host,
    CLIPROXY_PORT: String(endpoint.port),
    ...directTo(new URL(endpoint.baseUrl).hostname, current),
  };
}

/** A syntax for setting variables; `sh` is that of all POSIX shells. */
export type Dialect = "sh" | "fish" | "fish_or_sh" | "powershell" | "json";

const DIALECT_OF_SHELL: ReadonlyMap<string, Dialect> = new Map([
  ...["sh", "bash", "dash", "ksh", "zsh"].map((name) => [name, "sh"] as const),
  ["fish", "fish"],
  ["powershell", "powershell"],
  ["pwsh", "powershell"],
  ["json", "json"],
]);

/** The values of `--shell`. */
export const SHELL_NAMES: readonly string[] = [...DIALECT_OF_SHELL.keys()];

/** The dialect of the shell with this name or path; `sh` for an unknown one. */
export function dialectOf(shell: string): Dialect {
  return DIALECT_OF_SHELL.get(shell.slice(shell.lastIndexOf("/") + 1)) ?? "sh";
}

/**
 * The dialect to print: of the shell that the user names, else of the one in `$SHELL`. That is the login shell: under
 * fish, a bash may be evaluating the lines, so both have to understand them.
 */
export function dialectFor(named: string | undefined, { SHELL }: Environment): Dialect {
  if (named !== undefined) return dialectOf(named);
  const dialect = dialectOf(SHELL ?? "sh");
  return dialect === "fish" ? "fish_or_sh" : dialect;
}

/**
 * One statement for each variable, to be evaluated by the shell; for `json` one object. A variable in `sameAs` gets the
 * value of the one that is named there, which the shell has: a statement then does not hold it.
 */
export function renderEnvironment(
  variables: Environment,
  dialect: Dialect,
  sameAs: Readonly<Record<string, string>> = {},
): string {
  if (dialect === "json") return JSON.stringify(variables, null, 2) + "\n";
  const line = (name: string, value: string) =>
    sameAs[name] === undefined ? statement(name, value, dialect) : copy(name, sameAs[name], dialect);
  return Object.entries(variables).map(([name, value]) => line(name, value) + "\n").join("");
}

function statement(name: string, value: string, dialect: Exclude<Dialect, "json">): string {
  switch (dialect) {
    case "sh":
      return `export ${name}=${shQuoted(value)}`;
    case "fish":
      return fishLine(name, value);
    case "fish_or_sh":
      // Both read these quotes in the same way, unless there is something in them that has to be escaped.
      return /['\\]/.test(value) ? fishLine(name, value) : `export ${name}='${value}';`;
    case "powershell":
      return `$env:${name} = ${powershellQuoted(value)}`;
  }
}

function copy(name: string, from: string, dialect: Exclude<Dialect, "json">): string {
  switch (dialect) {
    case "sh":
      return `export ${name}="$${from}"`;
    case "fish":
      return `set -gx ${name} "$${from}";`;
    case "fish_or_sh":
      return `export ${name}="$${from}";`;
    case "powershell":
      return `$env:${name} = $env:${from}`;
  }
}

// `eval (…)` joins the lines with spaces, hence the semicolon.
function fishLine(name: string, value: string): string {
  return `set -gx ${name} ${fishQuoted(value)};`;
}
