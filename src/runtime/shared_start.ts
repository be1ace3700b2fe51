/**
 * What the worker needs for a shared pool, put together in the main thread, which may read every file and knows secrets.
 * @module
 */

import type { Settings } from "../config/settings.ts";
import type { Files } from "../system/files.ts";
import { UserError } from "../values/user_error.ts";
import type { SharedStart } from "./sandbox.ts";

/**
 * `undefined` when there is no shared pool.
 * @throws {@link UserError} when the certificate authorities cannot be read
 */
export async function sharedStart(
  files: Pick<Files, "readText">,
  { shared, sharedSecret, sharedNamespace, sharedCaFile, member }: Settings,
  machineName: string,
): Promise<SharedStart | undefined> {
  if (!shared || !sharedSecret) return undefined;
  const caCerts = sharedCaFile === undefined ? undefined : await caCertsIn(files, sharedCaFile);
  return {
    address: { ...shared, password: shared.password?.reveal(), caCerts },
    secret: sharedSecret.reveal(),
    namespace: sharedNamespace,
    member: member || machineName,
  };
}

async function caCertsIn(files: Pick<Files, "readText">, path: string): Promise<string> {
  const text = await files.readText(path).catch(() => undefined);
  if (text?.includes("-----BEGIN CERTIFICATE-----")) return text;
  const problem = text === undefined ? "it cannot be read" : "it holds no certificate";
  throw new UserError(`Cannot use the certificate authorities in ${path}: ${problem}`, {
    hint: "set CLIPROXY_SHARED_CA_FILE to a PEM file",
  });
}
