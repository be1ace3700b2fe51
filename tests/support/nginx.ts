// The nginx of docs/teams.md, in front of a gateway: its lines as they are there, but for names, ports and files.

import type { TestCertificate } from "./certificate.ts";
import { untilListening } from "./program.ts";
import { unusedPort } from "./unused_port.ts";

const PAGE = new URL("../../docs/teams.md", import.meta.url);

export class Nginx implements AsyncDisposable {
  private constructor(readonly url: string, readonly folder: string, readonly child: Deno.ChildProcess) {}

  /** Listens on a port of its own and sends everything to `port`. */
  static async start(certificate: TestCertificate, port: number): Promise<Nginx> {
    const folder = await Deno.makeTempDir({ prefix: "cdx2-nginx-" });
    const own = unusedPort();
    await Deno.writeTextFile(`${folder}/chain.pem`, certificate.cert);
    await Deno.writeTextFile(`${folder}/key.pem`, certificate.key);
    const recipe = /```nginx\n(.*?)```/s.exec(await Deno.readTextFile(PAGE))![1]!
      .replace("listen 443 ssl", `listen 127.0.0.1:${own} ssl`)
      .replace("/etc/ssl/gateway.pem", `${folder}/chain.pem`)
      .replace("/etc/ssl/gateway.key", `${folder}/key.pem`)
      .replace("127.0.0.1:8317", `127.0.0.1:${port}`);
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) =>
      `${name}_temp_path ${folder}/${name};`
    );
    const config = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {} http { access_log off; ${paths.join(" ")}\n${recipe} }`;
    await Deno.writeTextFile(`${folder}/nginx.conf`, config);
    const args = ["-c", `${folder}/nginx.conf`, "-e", `${folder}/error.log`, "-p", folder];
    const child = new Deno.Command("nginx", { args, stdout: "null", stderr: "null" }).spawn();
    const nginx = new Nginx(`https://localhost:${own}`, folder, child);
    await untilListening("nginx", own);
    return nginx;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}
