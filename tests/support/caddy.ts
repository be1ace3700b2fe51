// The Caddy of docs/teams.md, in front of a gateway: its lines as they are there, but for names, ports and the certificate,
// which it cannot get by itself here.

import type { TestCertificate } from "./certificate.ts";
import { untilListening } from "./program.ts";
import { unusedPort } from "./unused_port.ts";

const PAGE = new URL("../../docs/teams.md", import.meta.url);

export class Caddy implements AsyncDisposable {
  private constructor(readonly url: string, readonly folder: string, readonly child: Deno.ChildProcess) {}

  /** Listens on a port of its own and sends everything to `port`. */
  static async start(certificate: TestCertificate, port: number): Promise<Caddy> {
    const folder = await Deno.makeTempDir({ prefix: "cdx2-caddy-" });
    const own = unusedPort();
    await Deno.writeTextFile(`${folder}/chain.pem`, certificate.cert);
    await Deno.writeTextFile(`${folder}/key.pem`, certificate.key);
    const recipe = /```caddyfile\n(.*?)```/s.exec(await Deno.readTextFile(PAGE))![1]!
      .replace(
        "gateway.example {",
        `https://localhost:${own} {\n  bind 127.0.0.1\n  tls ${folder}/chain.pem ${folder}/key.pem`,
      )
      .replace("127.0.0.1:8317", `127.0.0.1:${port}`);
    const options = "{\n  admin off\n  auto_https disable_redirects\n}\n";
    await Deno.writeTextFile(`${folder}/Caddyfile`, options + recipe);
    const child = new Deno.Command("caddy", {
      args: ["run", "--config", `${folder}/Caddyfile`, "--adapter", "caddyfile"],
      env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      stdout: "null",
      stderr: "null",
    }).spawn();
    const caddy = new Caddy(`https://localhost:${own}`, folder, child);
    await untilListening("caddy", own);
    return caddy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}
