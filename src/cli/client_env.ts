/**
 * The environment that leads a client to the proxy, and how each shell is told to set it. What is printed gets
 * evaluated, so every value is quoted, whatever is in it.
 * @module
 */

import type { Environment } from "../system/process.ts";
import { directTo } from "../config/http_proxy.ts";
import { fishQuoted, powershellQuoted, shQuoted } from "./shell_quote.ts";

/** Where the running proxy is, and which files it was started from. */
export interface ProxyPlace {
  /** Without a path or a slash at its end. */
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
  readonly authDir: string;
  readonly envFile: string;
}

// SDKs refuse to start without a key; the proxy puts a real one in its place.
const PLACEHOLDER_API_KEY = "cdx2-local";

/** What to set for clients of the proxy, over the user's `current` variables. The management key is not among it. */
export function clientEnvironment(place: ProxyPlace, current: Environment): Environment {
  return {
    OPENAI_BASE_URL: place.baseUrl,
    OPENAI_API_BASE: place.baseUrl,
    ...(current["OPENAI_API_KEY"] ? {} : { OPENAI_API_KEY: PLACEHOLDER_API_KEY }),
    CLIPROXY_AUTH_DIR: place.authDir,
    CLIPROXY_ENV_FILE: place.envFile,
    CLIPROXY_HOST: place.host,
    CLIPROXY_PORT: String(place.port),
    ...directTo(new URL(place.baseUrl).hostname, current),
  };
}

export type Dialect = "sh" | "fish" | "powershell" | "json";

const DIALECT_OF_SHELL: ReadonlyMap<string, Dialect> = new Map([
  ...["sh", "bash", "dash", "ksh", "zsh"].map((name) => [name, "sh"] as const),
  ["fish", "fish"],
  ["powershell", "powershell"],
  ["pwsh", "powershell"],
  ["json", "json"],
]);

/** The names that `--shell` takes. */
export const SHELL_NAMES: readonly string[] = [...DIALECT_OF_SHELL.keys()];

/** How the shell with this name or path sets variables; sh for one that is not known. */
export function dialectOf(shell: string): Dialect {
  return DIALECT_OF_SHELL.get(shell.slice(shell.lastIndexOf("/") + 1)) ?? "sh";
}

/** Text that sets the variables when `dialect` evaluates it, one statement after another; for json an object. */
export function renderEnvironment(variables: Environment, dialect: Dialect): string {
  const entries = Object.entries(variables);
  const lines = (statement: (name: string, value: string) => string) =>
    entries.map(([name, value]) => statement(name, value) + "\n").join("");
  switch (dialect) {
    case "sh":
      return lines((name, value) => `export ${name}=${shQuoted(value)}`);
    case "fish":
      // `eval (…)` joins the lines with blanks, hence the semicolons.
      return lines((name, value) => `set -gx ${name} ${fishQuoted(value)};`);
    case "powershell":
      return lines((name, value) => `$env:${name} = ${powershellQuoted(value)}`);
    case "json":
      return JSON.stringify(variables, null, 2) + "\n";
  }
}
