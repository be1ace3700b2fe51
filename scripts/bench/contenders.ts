/**
 * What is measured: the upstream itself, and proxies in front of it. Each proxy has one process or thread for the
 * traffic, keeps connections to the upstream alive, writes no access log and does not buffer answers.
 * @module
 */

import { unusedPort } from "../../tests/support/unused_port.ts";
import type { Certificate } from "./certificate.ts";
import type { Target } from "./load.ts";
import { end, outputOf, spawn, spawnAndReadPorts, spawnScript, untilListening } from "./programs.ts";

/** A model path, as Codex asks for it. */
export const PATH = "/backend-api/codex/responses";
const HTTP_PROXY_PACKAGE = "http-proxy@1.18.1";

/** Something that answers the load generator, running. */
export interface Contender {
  /** The same in every run, for figures of two runs to be compared. */
  readonly id: string;
  /** As it is printed in the tables. */
  readonly name: string;
  readonly plain: Target;
  /** Whose upstream speaks TLS; `undefined` when there is no certificate for it. */
  readonly tls: Target | undefined;
  stop(): Promise<void>;
}

/** The ports of the upstream. */
export interface UpstreamPorts {
  readonly plain: number;
  readonly tls: number | undefined;
}

/** Starts a contender; `undefined` when this machine does not have what it needs. `folder` is its own, and empty. */
export type Start = (upstream: UpstreamPorts, folder: string) => Promise<Contender | undefined>;

function at(port: number, pid?: number): Target {
  return { port, path: PATH, pid };
}

/** Starts the upstream, measured without a proxy as "direct", and tells its ports. */
export async function startUpstream(
  certificate: Certificate | undefined,
): Promise<{ readonly direct: Contender; readonly ports: UpstreamPorts }> {
  const files = certificate ? [certificate.chainFile, certificate.keyFile] : [];
  const { child, ports: [plain, tls] } = await spawnScript("upstream.ts", ...files);
  return {
    // The load generator speaks no TLS.
    direct: {
      id: "direct",
      name: "direct",
      plain: at(plain!),
      tls: undefined,
      stop: () => end(child),
    },
    ports: { plain: plain!, tls },
  };
}

/** nginx, when it is installed. */
export async function startNginx(upstream: UpstreamPorts, folder: string): Promise<Contender | undefined> {
  const version = (await outputOf("nginx", ["-v"]))?.match(/nginx\/\S+/)?.[0];
  if (version === undefined) return undefined;
  const [plain, tls] = [unusedPort(), unusedPort()];
  const servers = [
    nginxServer(plain, "http", upstream.plain),
    ...(upstream.tls ? [nginxServer(tls, "https", upstream.tls)] : []),
  ];
  await Deno.writeTextFile(`${folder}/nginx.conf`, nginxConfig(folder, servers));
  const child = spawn("nginx", ["-c", `${folder}/nginx.conf`, "-e", `${folder}/nginx.log`, "-p", folder]);
  await untilListening(plain);
  return {
    id: "nginx",
    name: version.replace("/", " "),
    plain: at(plain, child.pid),
    tls: upstream.tls ? at(tls, child.pid) : undefined,
    stop: () => end(child),
  };
}

// With its usual buffer, nginx writes the body of a turn to a file, and sends it in pieces that wait for each other.
function nginxConfig(folder: string, servers: readonly string[]): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`);
  return `
    daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
    worker_rlimit_nofile 8192;
    events { worker_connections 4096; }
    http {
      access_log off; keepalive_requests 1000000; tcp_nodelay on;
      client_max_body_size 64m; client_body_buffer_size 8m;
      ${temporary.join(" ")} ${servers.join("\n")}
    }`;
}

function nginxServer(port: number, scheme: "http" | "https", upstreamPort: number): string {
  return `
    upstream ${scheme}_origin { server 127.0.0.1:${upstreamPort}; keepalive 512; keepalive_requests 1000000; }
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass ${scheme}://${scheme}_origin; proxy_http_version 1.1; proxy_set_header Connection "";
        proxy_buffering off;
      }
    }`;
}

/** The npm package http-proxy on Node, when both can be had. */
export async function startHttpProxy(
  upstream: UpstreamPorts,
  folder: string,
): Promise<Contender | undefined> {
  const installed = await outputOf("npm", ["install", "--silent", "--prefix", folder, HTTP_PROXY_PACKAGE]);
  const nodeVersion = await outputOf("node", ["--version"]);
  if (installed === undefined || nodeVersion === undefined) return undefined;
  await Deno.writeTextFile(`${folder}/proxy.js`, httpProxyScript(upstream));
  const { child, ports: [plain, tls] } = await spawnAndReadPorts("node", [`${folder}/proxy.js`]);
  return {
    id: "http-proxy",
    name: `${HTTP_PROXY_PACKAGE.replace("@", " ")}, Node ${nodeVersion.trim().slice(1)}`,
    plain: at(plain!, child.pid),
    tls: tls ? at(tls, child.pid) : undefined,
    stop: () => end(child),
  };
}

function httpProxyScript({ plain, tls }: UpstreamPorts): string {
  const origins = [`http://127.0.0.1:${plain}`, ...(tls ? [`https://127.0.0.1:${tls}`] : [])];
  return `
    const { createProxyServer } = require("http-proxy");
    const http = require("node:http");
    const ports = ${JSON.stringify(origins)}.map((target) => {
      const { Agent } = require(target.startsWith("https") ? "node:https" : "node:http");
      const proxy = createProxyServer({ target, secure: false, agent: new Agent({ keepAlive: true }) });
      proxy.on("error", () => {});
      const server = http.createServer((request, response) => proxy.web(request, response));
      return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
    });
    Promise.all(ports).then((all) => console.log(all.join(" ")));`;
}

/** What cdx2 is made of, without what it is for: the least that a request can cost it. */
export async function startBareRelay(upstream: UpstreamPorts): Promise<Contender> {
  const { child, ports: [port] } = await spawnScript("bare_relay.ts", String(upstream.plain));
  return {
    id: "bare",
    name: `bare relay, Deno ${Deno.version.deno}`,
    plain: at(port!, child.pid),
    tls: undefined,
    stop: () => end(child),
  };
}

/** The command line of cdx2 from source. */
export const SOURCE = [
  Deno.execPath(),
  ...["run", "-A", "--quiet"],
  new URL("../../main.ts", import.meta.url).pathname,
] as const;

/** How a cdx2 is run. */
export interface Cdx2Options {
  readonly id: string;
  readonly name: string;
  /** The command line to run it: the executable, or Deno with main.ts. */
  readonly program: readonly [string, ...string[]];
  /** Default three. */
  readonly keys?: number;
  readonly certificate: Certificate | undefined;
}

/** cdx2: one service for each of the upstream's ports. */
export function startCdx2({ id, name, program, keys = 3, certificate }: Cdx2Options): Start {
  return async (upstream, folder) => {
    const run = async (authDir: string, ...args: readonly string[]) => {
      const [command, ...leading] = program;
      const env: Record<string, string> = certificate ? { DENO_CERT: certificate.authorityFile } : {};
      const output = await outputOf(command, [...leading, ...args, "--auth-dir", authDir], env);
      if (output === undefined) throw new Error(`cdx2 ${args[0]} failed`);
      return output;
    };
    const start = async (origin: string, authDir: string) => {
      await makeKeys(authDir, keys);
      // With ten thousand keys on a busy machine, a start takes longer than the command waits for it.
      const said = await patiently(() =>
        run(authDir, "proxy", "--json", "--upstream", `${origin}/backend-api`)
      );
      return JSON.parse(said) as { port: number; pid: number };
    };
    const authDirs = [`${folder}/plain`, ...(upstream.tls ? [`${folder}/tls`] : [])];
    const plain = await start(`http://127.0.0.1:${upstream.plain}`, authDirs[0]!);
    const tls = upstream.tls ? await start(`https://localhost:${upstream.tls}`, authDirs[1]!) : undefined;
    return {
      id,
      name,
      plain: at(plain.port, plain.pid),
      tls: tls && at(tls.port, tls.pid),
      stop: async () => {
        for (const authDir of authDirs) await run(authDir, "stop");
      },
    };
  };
}

const TRIES = 4;

/** What `act` resolves with at last. @throws what the last try throws */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; tries < TRIES; tries++) {
    try {
      return await act();
    } catch {
      // Once more.
    }
  }
  return await act();
}

async function makeKeys(authDir: string, count: number): Promise<void> {
  await Deno.mkdir(authDir);
  for (let number = 0; number < count; number++) {
    const text = JSON.stringify({ access_token: `token-${number}` });
    await Deno.writeTextFile(`${authDir}/key-${number}.json`, text, { mode: 0o600 });
  }
}
