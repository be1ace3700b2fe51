// A release as scripts/release.ts makes it, of a program that says its version and its arguments: a real one is large, and
// nothing here depends on what it does.

import { fileURLToPath } from "node:url";
import { executableName, hostTarget } from "../../scripts/release/targets.ts";

const SCRIPT = fileURLToPath(new URL("../../scripts/release.ts", import.meta.url));

export const PROGRAM = `#!/bin/sh
case $1 in
  --version) echo 0.1.0 ;;
  exit) exit "$2" ;;
  status) [ -e "$CDX2_TEST_RUNNING" ] ;;
  *) printf '<%s>' "$@"; echo ;;
esac
`;

/** Makes it in `folder`; rejects with what the script said when it fails. */
export async function makeRelease(
  folder: string,
  address: string,
  ...more: readonly string[]
): Promise<string> {
  const [from, out] = [`${folder}/built`, `${folder}/release`];
  await Deno.mkdir(from, { recursive: true });
  await Deno.writeTextFile(`${from}/${executableName(hostTarget())}`, PROGRAM, { mode: 0o755 });
  const wish = ["--address", address, "--out", out, "--from", from, "--target", hostTarget().triple, ...more];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", SCRIPT, ...wish],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return out;
}

/** Serves the files as a host of releases does. */
export function serveRelease(folder: () => string): { url: string; server: Deno.HttpServer<Deno.NetAddr> } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const [, file] =
      /^\/releases\/(?:latest\/download|download\/v0\.1\.0)\/([\w.-]+)$/.exec(new URL(url).pathname) ?? [];
    const bytes = file ? await Deno.readFile(`${folder()}/${file}`).catch(() => undefined) : undefined;
    return bytes ? new Response(bytes) : new Response("there is no such file", { status: 404 });
  });
  return { url: `http://127.0.0.1:${server.addr.port}/releases`, server };
}
