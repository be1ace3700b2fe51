/**
 * An empty pool: Codex would start and fail at its first request. So the user is asked, or told, how to get a key before
 * anything runs.
 * @module
 */

import { credentialKind } from "../../auth/credential_kind.ts";
import { keyringReason } from "../../keyring/kept_files.ts";
import { listKeys } from "../../auth/folder.ts";
import type { AuthListing } from "../../auth/store.ts";
import type { Settings } from "../../config/settings.ts";
import { prepareAuthDir } from "../../runtime/first_start.ts";
import type { ServiceDeps } from "../../runtime/observe.ts";
import { observeService } from "../../runtime/observe.ts";
import type { Output } from "../../screen/output.ts";
import { Upstream } from "../../upstream/upstream.ts";
import { UserError } from "../../values/user_error.ts";
import type { ReadSource } from "../auth/import_source.ts";
import { isAgreed } from "../question.ts";
import type { World } from "../world.ts";

/**
 * Resolves with the keys when there is one, in `listing` or made now. With none, a user on a terminal is asked whether to
 * add the login that Codex has.
 * @throws {@link UserError} when there is no key in the end
 */
export async function ensureKey(
  world: World,
  output: Output,
  deps: ServiceDeps & { readonly listing: AuthListing },
): Promise<AuthListing> {
  const { resolved: { settings }, listing } = deps;
  const { records, rejected } = listing;
  if (records.length > 0) return listing;
  const [withheld] = rejected.flatMap(({ reason }) => keyringReason(reason) ?? []);
  if (withheld !== undefined) {
    if (await proxyHasKeys(deps)) return listing;
    throw new UserError(`Cannot run Codex: the tokens of the keys are in the keyring: ${withheld}`);
  }
  const offer = await codexOffer(world, settings);
  if (!offer) {
    const files = rejected.length > 0 ? '; "cdx2 auth list" says why the files there are no keys' : "";
    throw noKeys(`log in with "cdx2 auth login"${files}`);
  }
  const hint = `add the login that Codex has (${offer.name}) with "cdx2 auth import"`;
  if (!world.terminal.inIsTerminal) throw noKeys(hint);
  const question = `No keys yet. Add the login that Codex has (${offer.name})?`;
  if (!await isAgreed(world.terminal, question, "yes")) throw noKeys(hint);
  await addOffer(world, output, { source: offer.source, settings });
  const { client } = await observeService(deps);
  // One that runs already would notice only after Codex has asked.
  await client?.health({ refresh: true });
  return await listKeys(world.files, settings.authDir);
}

/** Whether the proxy runs and has keys: it keeps their tokens while the keyring is locked. */
async function proxyHasKeys(deps: ServiceDeps): Promise<boolean> {
  const { client } = await observeService(deps);
  const health = await client?.health();
  return health?.kind === "answer" && health.value.accounts.length > 0;
}

function noKeys(hint: string): UserError {
  return new UserError("Cannot run Codex: there are no keys yet", { hint });
}

interface Offer {
  readonly source: ReadSource;
  /** What the user knows the login by. */
  readonly name: string;
}

/** The login of Codex, when the pool's upstream takes it. */
async function codexOffer(world: World, settings: Settings): Promise<Offer | undefined> {
  const { readSource } = await import("../auth/import_source.ts");
  const { parseAuthFile } = await import("../../auth/record.ts");
  const wanted = { file: undefined, apiKeyStdin: false, authDir: settings.authDir };
  const source = await readSource(world, wanted).catch((error) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  const [login] = source?.logins ?? [];
  if (!source || login?.kind !== "usable") return undefined;
  const parsed = parseAuthFile("", login.text.reveal());
  if (parsed.kind === "rejected") return undefined;
  if (credentialKind(parsed.record.token) === "api_key" && new Upstream(settings.upstream).isChatGpt) {
    return undefined;
  }
  return { source, name: parsed.record.email ?? parsed.record.accountId ?? "without an e-mail" };
}

async function addOffer(
  world: World,
  output: Output,
  { source, settings }: { readonly source: ReadSource; readonly settings: Settings },
): Promise<void> {
  const { importLogins } = await import("../auth/import_logins.ts");
  const { keys, notes } = await importLogins(world, source, {
    settings,
    isMove: false,
    isBorrow: false,
    name: undefined,
    replace: false,
    upstream: undefined,
    renewsNow: false,
    mayAsk: true,
    prepare: () => prepareAuthDir(world.files, settings.authDir),
  });
  for (const { record } of keys) output.info(`added ${record.file}`);
  for (const note of notes) output.note(note);
}
