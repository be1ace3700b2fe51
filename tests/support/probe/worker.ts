// Takes the place of the proxy's worker and tries, from inside of its sandbox, what a fault in the proxy must never be
// able to do. What came of it goes to where the proxy's own worker keeps its state.

import { runtimePaths } from "../../../src/config/paths.ts";
import { Upstream } from "../../../src/upstream/upstream.ts";
import type { FromWorker, ToWorker, WorkerStart } from "../../../src/runtime/sandbox.ts";

/** What the worker tries, by what it would be: done, refused by the sandbox, or failed in another way. */
export type Findings = Readonly<Record<string, "done" | "refused" | string>>;

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
};

scope.onmessage = async ({ data }) => {
  if (data.kind !== "start") return;
  const { authDir } = data.start.settings;
  const findings: Record<string, string> = {};
  for (const [what, act] of Object.entries(acts(data.start))) findings[what] = await outcomeOf(act);
  await Deno.writeTextFile(runtimePaths(authDir).stateFile, JSON.stringify(findings));
  scope.postMessage({ kind: "ended", reason: "probed" });
};

// Imports get their specifier as a value: a specifier in the source is loaded with the module, before any sandbox.
function acts(
  { settings: { authDir, host, port: ownPort, upstream } }: WorkerStart,
): Record<string, () => unknown> {
  const outside = `${authDir}/..`;
  const { hostname, port } = new URL(new Upstream(upstream).origin);
  const neighbour = `http://${hostname}:${Number(port) ^ 1}/module.ts`;
  return {
    "read in the auth dir": () => Deno.readTextFile(`${authDir}/inside.json`),
    "write the state": () => Deno.writeTextFile(runtimePaths(authDir).stateFile, ""),
    "write the log": () => Deno.writeTextFile(runtimePaths(authDir).logFile, "", { append: true }),
    "connect to the upstream": async () => (await Deno.connect({ hostname, port: Number(port) })).close(),
    "listen on the bind address": () => Deno.listen({ hostname: host, port: ownPort }).close(),

    "connect to another port of the same host": () => Deno.connect({ hostname, port: Number(port) ^ 1 }),
    "fetch from another port of the same host": () => fetch(neighbour),
    "fetch from another host": () => fetch("http://other.example/"),
    "resolve a name": () => Deno.resolveDns("other.example", "A"),
    "open a WebSocket": () => new WebSocket("ws://other.example/"),
    "listen on all addresses": () => Deno.listen({ hostname: "0.0.0.0", port: 0 }),

    "read beside the auth dir": () => Deno.readTextFile(`${outside}/outside.json`),
    "read through a link in the auth dir": () => Deno.readTextFile(`${authDir}/link`),
    "list the root": () => Deno.readDirSync("/").next(),
    "read this process's environment as a file": () => Deno.readTextFile("/proc/self/environ"),
    "write another file in the auth dir": () => Deno.writeTextFile(`${authDir}/written`, ""),
    "write the settings of the next start": () =>
      Deno.writeTextFile(`${authDir}/.env`, "CLIPROXY_UPSTREAM=http://evil"),
    "move the state over the settings": () => Deno.rename(runtimePaths(authDir).stateFile, `${authDir}/.env`),
    "remove the settings": () => Deno.remove(`${authDir}/.env`),
    "write a key": () => Deno.writeTextFile(`${authDir}/inside.json`, "{}"),
    "add a key": () => Deno.writeTextFile(`${authDir}/added.json`, "{}"),
    "write the lock": () => Deno.writeTextFile(runtimePaths(authDir).lockFile, ""),
    "write the client keys": () => Deno.writeTextFile(runtimePaths(authDir).clientsFile, ""),
    "write through a link in the auth dir": () => Deno.writeTextFile(`${authDir}/link`, ""),
    "give the settings a second name": () =>
      Deno.link(`${authDir}/.env`, `${runtimePaths(authDir).logFile}.1`),
    "open the settings to others": () => Deno.chmod(`${authDir}/.env`, 0o666),
    "write beside the auth dir": () => Deno.writeTextFile(`${outside}/written`, ""),
    "move a file out of the auth dir": () => Deno.rename(`${authDir}/inside.json`, `${outside}/moved`),
    "make a link that leads outside": () => Deno.symlink("/etc", `${authDir}/own-link`),
    "make a temporary file": () => Deno.makeTempFile(),

    "read the environment": () => Deno.env.toObject(),
    "read a variable": () => Deno.env.get("HOME"),
    "run a program": () => new Deno.Command("true").output(),
    "run itself": () => new Deno.Command(Deno.execPath()).output(),
    "signal another process": () => Deno.kill(Deno.ppid, "SIGCONT"),
    "ask for the name of the machine": () => Deno.hostname(),
    "load a library": () => Deno.dlopen("libc.so.6", {}),
    "import from the network": () => import(neighbour),
    "import from beside the auth dir": () =>
      import(`file://${outside}/outside.json`, { with: { type: "json" } }),
    "start a worker that may do more": () => {
      new Worker("data:text/javascript,", { type: "module", deno: { permissions: { run: true } } });
    },
  };
}

async function outcomeOf(act: () => unknown): Promise<string> {
  try {
    await act();
    return "done";
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "refused";
    // Imports tell of it in another error; an executable knows no modules but its own.
    const isRefusedImport = error instanceof TypeError &&
      /^Requires \w+ access|^Module not found: http/.test(error.message);
    return isRefusedImport ? "refused" : String(error);
  }
}
