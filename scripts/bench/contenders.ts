/**
 * What is measured: the upstream itself, and proxies in front of it. Each proxy has one process or thread for the
 * traffic, keeps connections to the upstream alive, writes no logs and does not buffer answers.
 * @module
 */

import type { Target } from "./load.ts";

/** A model path, as Codex asks for it. */
const PATH = "/backend-api/codex/responses";
/** A path whose streams cdx2 does not judge, so that they pass straight through. */
export const UNJUDGED_PATH = "/backend-api/codex/other";
const HTTP_PROXY_PACKAGE = "http-proxy@1.18.1";
const START_WAIT_MS = 10_000;

/** Something that answers the load generator, running. */
export interface Contender {
  /** As it is printed in the table. */
  readonly name: string;
  readonly target: Target;
  /** The process that carries the traffic. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a contender; `undefined` when this machine does not have what it needs. `folder` is its own, and empty. */
export type Start = (upstreamPort: number, folder: string) => Promise<Contender | undefined>;

/** Starts the upstream, measured without a proxy as "direct". */
export async function startUpstream(): Promise<Contender> {
  const script = new URL("./upstream.ts", import.meta.url).pathname;
  return await startAndReadPort("direct", Deno.execPath(), ["run", "-A", "--quiet", script]);
}

/** nginx, when it is installed. */
export async function startNginx(upstreamPort: number, folder: string): Promise<Contender | undefined> {
  const version = (await outputOf("nginx", ["-v"]))?.match(/nginx\/\S+/)?.[0];
  if (version === undefined) return undefined;
  const port = freePort();
  await Deno.writeTextFile(`${folder}/nginx.conf`, nginxConfig(port, upstreamPort, folder));
  const child = spawn("nginx", ["-c", `${folder}/nginx.conf`, "-e", `${folder}/nginx.log`, "-p", folder]);
  await untilListening(port);
  return {
    name: version.replace("/", " "),
    target: { port, path: PATH },
    pid: child.pid,
    stop: () => end(child),
  };
}

function nginxConfig(port: number, upstreamPort: number, folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  return `
    daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 1000000; client_max_body_size 64m; tcp_nodelay on;
      ${temporary.join(" ")}
      upstream origin { server 127.0.0.1:${upstreamPort}; keepalive 64; keepalive_requests 1000000; }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
        }
      }
    }`;
}

/** The npm package http-proxy on Node, when both can be had. */
export async function startHttpProxy(upstreamPort: number, folder: string): Promise<Contender | undefined> {
  const installed = await outputOf("npm", ["install", "--silent", "--prefix", folder, HTTP_PROXY_PACKAGE]);
  const nodeVersion = await outputOf("node", ["--version"]);
  if (installed === undefined || nodeVersion === undefined) return undefined;
  await Deno.writeTextFile(`${folder}/proxy.js`, httpProxyScript(upstreamPort));
  const name = `${HTTP_PROXY_PACKAGE.replace("@", " ")}, Node ${nodeVersion.trim().slice(1)}`;
  return await startAndReadPort(name, "node", [`${folder}/proxy.js`]);
}

function httpProxyScript(upstreamPort: number): string {
  return `
    const http = require("node:http");
    const proxy = require("http-proxy").createProxyServer({
      target: "http://127.0.0.1:${upstreamPort}",
      agent: new http.Agent({ keepAlive: true, maxSockets: 256 }),
    });
    const server = http.createServer((request, response) => proxy.web(request, response));
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;
}

/** cdx2 with three keys. `program` is the command line to run it: the executable, or Deno with main.ts. */
export function startCdx2(name: string, program: readonly [string, ...string[]], path = PATH): Start {
  return async (upstreamPort, folder) => {
    const authDir = `${folder}/auths`;
    await Deno.mkdir(authDir);
    for (const key of ["one", "two", "three"]) {
      await Deno.writeTextFile(`${authDir}/${key}.json`, JSON.stringify({ access_token: `token-${key}` }));
    }
    const [command, ...leading] = program;
    const cdx2 = async (...args: string[]) => {
      const output = await outputOf(command, [...leading, ...args, "--auth-dir", authDir]);
      if (output === undefined) throw new Error(`cdx2 ${args[0]} failed`);
      return output;
    };
    await cdx2("proxy", "--upstream", `http://127.0.0.1:${upstreamPort}/backend-api`);
    const { port, pid } = JSON.parse(await cdx2("status", "--json")) as { port: number; pid: number };
    return { name, target: { port, path }, pid, stop: async () => void await cdx2("stop") };
  };
}

async function startAndReadPort(name: string, command: string, args: readonly string[]): Promise<Contender> {
  const child = spawn(command, args);
  const { value } = await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  return { name, target: { port: Number(value), path: PATH }, pid: child.pid, stop: () => end(child) };
}

function spawn(command: string, args: readonly string[]): Deno.ChildProcess {
  const streams = { stdin: "null", stdout: "piped", stderr: "null" } as const;
  return new Deno.Command(command, { args: [...args], ...streams }).spawn();
}

async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await child.status;
}

// What it prints on stdout, else on stderr: nginx prints its version there.
async function outputOf(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], stdin: "null" })
      .output();
    const decoder = new TextDecoder();
    return success ? decoder.decode(stdout) || decoder.decode(stderr) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilListening(port: number): Promise<void> {
  const deadlineMs = performance.now() + START_WAIT_MS;
  for (;;) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
