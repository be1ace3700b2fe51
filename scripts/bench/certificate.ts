/**
 * A certificate for the upstream of the benchmark, with an authority of its own.
 * @module
 */

import { outputOf } from "./programs.ts";

/** Paths of PEM files. */
export interface Certificate {
  readonly authorityFile: string;
  readonly chainFile: string;
  readonly keyFile: string;
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

const LOOPBACK = ["DNS:localhost", "IP:127.0.0.1"];

/** Makes one for these names, each with its kind; `undefined` when openssl is not installed. */
export async function makeCertificate(
  folder: string,
  names: readonly string[] = LOOPBACK,
): Promise<Certificate | undefined> {
  const [authorityFile, chainFile, keyFile] = ["ca.pem", "leaf.pem", "leaf.key"].map((name) =>
    `${folder}/${name}`
  );
  const [authorityKey, requestFile, extensionFile] = ["ca.key", "leaf.csr", "leaf.ext"].map((name) =>
    `${folder}/${name}`
  );
  await Deno.writeTextFile(extensionFile!, `subjectAltName=${names.join(",")}\n`);
  const steps = [
    [
      "req",
      "-x509",
      ...NEW_KEY,
      "-keyout",
      authorityKey!,
      "-out",
      authorityFile!,
      "-subj",
      "/CN=bench",
      "-days",
      "2",
    ],
    ["req", ...NEW_KEY, "-keyout", keyFile!, "-out", requestFile!, "-subj", "/CN=localhost"],
    ["x509", "-req", "-in", requestFile!, "-CA", authorityFile!, "-CAkey", authorityKey!, "-CAcreateserial"]
      .concat(["-extfile", extensionFile!, "-out", chainFile!, "-days", "2"]),
  ];
  for (const step of steps) if (await outputOf("openssl", step) === undefined) return undefined;
  return { authorityFile: authorityFile!, chainFile: chainFile!, keyFile: keyFile! };
}
