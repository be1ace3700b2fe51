/**
 * What the worker needs for a shared pool, put together in the main thread, which may read every file and knows secrets.
 * @module
 */

import type { Settings } from "../config/settings.ts";
import type { LoginHomes } from "../credentials/login_homes.ts";
import { FileError, type Files } from "../system/files.ts";
import type { Environment } from "../system/process.ts";
import { randomHex } from "../system/random.ts";
import { memberName } from "../values/member_name.ts";
import { UserError } from "../values/user_error.ts";
import type { SharedStart } from "./sandbox.ts";

/** What this machine has to do with it. */
export interface SharedPlace {
  /** Reads the certificate authorities. */
  readonly files: Pick<Files, "readText">;
  /** What is known of the homes of logins. */
  readonly homes: LoginHomes;
  /** Of this process. */
  readonly env: Environment;
  /** What the system calls this machine. */
  readonly machineName: string;
}

/**
 * `undefined` when there is no shared pool.
 * @throws {@link UserError} when the certificate authorities cannot be read, or the folder with the homes cannot be used
 */
export async function sharedStart(
  { files, homes, env, machineName }: SharedPlace,
  { shared, sharedSecret, sharedNamespace, sharedCaFile, member, poolHome, refresh }: Settings,
): Promise<SharedStart | undefined> {
  if (!shared || !sharedSecret) return undefined;
  const caCerts = sharedCaFile === undefined ? undefined : await caCertsIn(files, sharedCaFile);
  const mayBeHome = refresh && (poolHome === "on" || (poolHome === "auto" && !isCi(env)));
  return {
    address: { ...shared, password: shared.password?.reveal(), caCerts },
    secret: sharedSecret.reveal(),
    namespace: sharedNamespace,
    member: memberName(member || machineName),
    host: memberName(machineName),
    mayBeHome,
    ...await keptHomes(homes),
  };
}

const MEMBER_ID_BYTES = 16;

async function keptHomes(homes: LoginHomes): Promise<Pick<SharedStart, "memberId" | "claims">> {
  try {
    const { ownId, claims } = await homes.read();
    const memberId = ownId ?? randomHex(MEMBER_ID_BYTES);
    if (ownId === undefined) await homes.beMember(memberId);
    return { memberId, claims };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new UserError(`Cannot take part in the shared pool: ${error.message}`, {
      hint: "which member renews which login is kept there: make the folder usable",
    });
  }
}

/** Whether this is a job of a CI system: GitHub, GitLab, CircleCI, Travis and others set CI. */
function isCi(env: Environment): boolean {
  return !["", "0", "false"].includes((env["CI"] ?? "").toLowerCase());
}

async function caCertsIn(files: Pick<Files, "readText">, path: string): Promise<string> {
  const text = await files.readText(path).catch(() => undefined);
  if (text?.includes("-----BEGIN CERTIFICATE-----")) return text;
  const problem = text === undefined ? "it cannot be read" : "it holds no certificate";
  throw new UserError(`Cannot use the certificate authorities in ${path}: ${problem}`, {
    hint: "set CLIPROXY_SHARED_CA_FILE to a PEM file",
  });
}
