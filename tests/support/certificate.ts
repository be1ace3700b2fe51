// A certificate for TLS on this machine.

import { makeCertificate } from "../../scripts/bench/certificate.ts";

/** Disposing of it removes its files. */
export interface TestCertificate extends AsyncDisposable {
  /** The chain, as PEM. */
  readonly cert: string;
  /** The key, as PEM. */
  readonly key: string;
  /** Where the private authority is, which a client has to trust. */
  readonly authorityFile: string;
}

/** Makes one for these names, as in {@link makeCertificate}. @throws without openssl */
export async function aCertificate(names?: readonly string[]): Promise<TestCertificate> {
  const folder = await Deno.makeTempDir({ prefix: "cdx2-test-" });
  const made = await makeCertificate(folder, names);
  if (!made) throw new Error("openssl makes no certificate");
  const [cert, key] = [made.chainFile, made.keyFile].map((path) => Deno.readTextFileSync(path));
  return {
    cert: cert!,
    key: key!,
    authorityFile: made.authorityFile,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
