/**
 * `cdx2 auth login`: makes a login for the proxy alone. Codex's own login, and every key that exists, stay as they are.
 * @module
 */

import { authFileList } from "../../api/auth_file_list.ts";
import { findKey, listKeys } from "../../auth/folder.ts";
import { type AuthRecord, parseAuthFile } from "../../auth/record.ts";
import { isSameAccount } from "../../auth/same_account.ts";
import { newKeyText } from "../../keyring/move_tokens.ts";
import type { DeviceCode } from "../../credentials/device_login.ts";
import type { LoginClient, LoginOutcome } from "../../credentials/login.ts";
import { type LoginWish, refusalOf } from "../../credentials/login_plan.ts";
import { prepareAuthDir, unusableAuthDir } from "../../runtime/first_start.ts";
import { randomKey } from "../../system/random.ts";
import { Secret } from "../../values/secret.ts";
import { UserError } from "../../values/user_error.ts";
import { defineCommand } from "../command.ts";
import { isAgreed } from "../question.ts";
import { localSettings } from "../settings.ts";
import type { World } from "../world.ts";
import { fileNameFrom } from "./file_name.ts";
import { refuseUnusableKeyring } from "./keyring_check.ts";
import type { AuthLogin } from "./pages.ts";

type Flow = AuthLogin["flow"];

// For one answer of the issuer.
const TIMEOUT_MS = 30_000;

/** The command `cdx2 auth login`. */
export const authLoginCommand = defineCommand({
  name: "login",
  summary: "Log in to an account and add it as a key.",
  details:
    "By default you type a code on a page of the issuer, on any device; where the issuer does not offer that, you log in " +
    "with a browser on this machine. Codex's own login is not touched, and no login is ended.",
  examples: [
    ["add another account", "cdx2 auth login"],
    ["the same, with a name of your own", "cdx2 auth login work"],
    ["log in with the browser of this machine", "cdx2 auth login --browser"],
    ["log in again where a key has expired", "cdx2 auth login --replace work"],
  ],
  syntax: (command) =>
    command
      .argument("[name]", "File name for the key, instead of its e-mail.", fileNameFrom)
      .option("--device", "Type a code on a page of the issuer, on any device.")
      .option("--browser", "Log in with a browser on this machine.")
      .option("--manual", "Log in with any browser, and paste the address on which it ends.")
      .option(
        "--replace <key-name>",
        "Put the login into the file of this key, which has to be of the same account.",
      )
      .option("--json", "Print JSON."),
  run: async ({ world, output, flags, args: [name], options }) => {
    const { settings } = await localSettings(world, flags);
    const { authDir, issuer, clientId } = settings;
    const asked = flowFrom(options);
    const wish = await wishFrom(world, { authDir, name, replace: options.replace });
    if (settings.keyring) await refuseUnusableKeyring(world.keyring, "Cannot log in");
    const client = { send: world.sendOut(), clock: world.clock, timeoutMs: TIMEOUT_MS, issuer, clientId };
    const { flow, outcome } = await logIn(world, client, asked);
    if (outcome.kind === "failed") {
      throw new UserError(`Cannot log in: ${outcome.reason}`, { hint: outcome.hint });
    }
    const { loginFile } = await import("../../credentials/login.ts");
    const file = loginFile(outcome.tokens, { issuer, clientId, nowMs: world.clock.nowMs() });
    const text = newKeyText(new Secret(file), settings);
    const stored = await store(world, { authDir, text, wish });

    const { record, how } = stored;
    const who = record.email ?? "an account without an e-mail";
    const what = how === "added" ? `saved as ${record.file}` : `saved in the place of ${record.file}`;
    output.info(`logged in as ${who}, ${what}; a running proxy uses it within 2s`);
    for (const note of stored.notes) output.note(note);
    if (options.json) {
      const [entry] = authFileList({ records: [record], rejected: [] }, world.clock.nowMs());
      const { notes } = stored;
      output.printJson({ how, flow, ...entry!, auth_dir: authDir, notes } satisfies AuthLogin);
    }
    return 0;
  },
});

/** The flow that the user named; `undefined` for none. */
function flowFrom(
  options: { readonly [Name in Flow]?: true | undefined },
): Flow | undefined {
  const named = (["device", "browser", "manual"] as const).filter((flow) => options[flow]);
  if (named.length > 1) {
    const hint = `name only one of ${named.map((flow) => `--${flow}`).join(", ")}`;
    throw new UserError("Cannot log in in several ways at once", { hint, exitCode: 2 });
  }
  return named[0];
}

interface Named {
  readonly authDir: string;
  readonly name: string | undefined;
  readonly replace: string | undefined;
}

// Before anybody logs in: a login that cannot be kept would be made in vain.
async function wishFrom({ files }: World, { authDir, name, replace }: Named): Promise<LoginWish> {
  if (name !== undefined && replace !== undefined) {
    const hint = "leave out one of them; auth rename gives a key another name";
    throw new UserError(`Cannot make ${name} and replace a key at once`, { hint, exitCode: 2 });
  }
  const folder = await listKeys(files, authDir).catch((error) => Promise.reject(unusableAuthDir(error)));
  const wish = {
    name,
    replace: replace === undefined
      ? undefined
      : (await findKey(files, authDir, replace, "Cannot log in")).file,
  };
  const refusal = refusalOf(wish, folder);
  if (refusal) throw new UserError(`Cannot log in: ${refusal.reason}`, { hint: refusal.hint });
  return wish;
}

async function logIn(
  world: World,
  client: LoginClient,
  asked: Flow | undefined,
): Promise<{ readonly flow: Flow; readonly outcome: LoginOutcome }> {
  if (asked === undefined || asked === "device") {
    const { deviceLogin, OTHER_WAY } = await import("../../credentials/device_login.ts");
    const outcome = await deviceLogin(client, (code) => say(world, deviceLines(code)));
    if (outcome.kind !== "unavailable") return { flow: "device", outcome };
    if (asked === "device") {
      const { loginFailed } = await import("../../credentials/login.ts");
      return { flow: asked, outcome: loginFailed("this issuer has no login with a code", OTHER_WAY) };
    }
    say(world, ["This issuer has no login with a code, so a browser is needed."]);
  }
  const { browserLogin, manualLogin } = await import("../../credentials/browser_login.ts");
  const flow = asked === "manual" ? "manual" : "browser";
  const lines = flow === "manual" ? manualLines : browserLines;
  const options = { random: randomKey, tell: (pageUrl: string) => say(world, lines(pageUrl)) };
  const outcome = flow === "manual"
    ? await manualLogin(client, (problem) => askForAddress(world, problem), options)
    : await browserLogin(client, await world.listen(), options);
  return { flow, outcome };
}

// With --quiet as well: without these lines nobody could go on.
function say({ terminal }: World, lines: readonly string[]): void {
  terminal.err(lines.map((line) => `${line}\n`).join(""));
}

const GIVE_UP = "Ctrl-C gives up and changes nothing.";

function deviceLines({ pageUrl, userCode }: DeviceCode): readonly string[] {
  return [
    "To log in, open this page on any device:",
    ...["", `    ${pageUrl}`, ""],
    "and type this code there:",
    ...["", `    ${userCode}`, ""],
    `Waiting for at most 15m. ${GIVE_UP}`,
  ];
}

function browserLines(pageUrl: string): readonly string[] {
  return [
    "To log in, open this page in a browser on this machine:",
    ...["", `    ${pageUrl}`, ""],
    `Waiting for at most 10m. ${GIVE_UP}`,
    "If the browser is on another machine, log in with --manual.",
  ];
}

function manualLines(pageUrl: string): readonly string[] {
  return [
    "To log in, open this page in any browser:",
    ...["", `    ${pageUrl}`, ""],
    "In the end the browser cannot show a page whose address begins with http://127.0.0.1. Copy that whole",
    `address, and paste it here. ${GIVE_UP}`,
  ];
}

// The address holds a code, so it is not shown.
async function askForAddress(world: World, problem: string | undefined): Promise<string> {
  const { terminal } = world;
  if (problem !== undefined) say(world, [`That address is of no use: ${problem}.`]);
  if (terminal.inIsTerminal) return await terminal.askHidden("Address (not shown): ");
  return problem === undefined ? await terminal.readIn(MAX_ADDRESS_BYTES) : "";
}

const MAX_ADDRESS_BYTES = 65_536;

interface Storing {
  readonly authDir: string;
  readonly text: Secret;
  readonly wish: LoginWish;
}

interface Stored {
  readonly how: AuthLogin["how"];
  readonly record: AuthRecord;
  readonly notes: readonly string[];
}

async function store(world: World, { authDir, text, wish }: Storing): Promise<Stored> {
  const { files, clock, processes } = world;
  const { storeLogin, uninterrupted } = await import("../../credentials/login_store.ts");
  const finalWish = await askedWish(world, { authDir, text, wish });
  const plan = await uninterrupted(processes, async () => {
    await prepareAuthDir(files, authDir);
    return await storeLogin({ files, clock, authDir }, text, finalWish);
  });
  const parsed = parseAuthFile(plan.file, await files.readText(`${authDir}/${plan.file}`));
  if (parsed.kind === "rejected") throw new UserError(`Cannot log in: ${parsed.reason}`);
  const { record } = parsed;
  const twin = plan.kind === "add" ? plan.sameAccount : undefined;
  const notes = [
    ...(twin === undefined ? [] : [
      `${twin} holds the same account: remove the one that you do not need with "cdx2 auth remove"`,
    ]),
    ...(record.isDisabled ? ["the key is disabled: no request gets it"] : []),
    ...(record.hasRefreshToken ? [] : ["the issuer gave no refresh token: the key cannot be renewed"]),
  ];
  return { how: plan.kind === "add" ? "added" : "replaced", record, notes };
}

// The account is known only now. A user who logs in again as the same account usually means the same key.
async function askedWish({ files, terminal }: World, { authDir, text, wish }: Storing): Promise<LoginWish> {
  if (!terminal.inIsTerminal || wish.name !== undefined || wish.replace !== undefined) return wish;
  const parsed = parseAuthFile("", text.reveal());
  if (parsed.kind === "rejected") return wish;
  const { records } = await listKeys(files, authDir);
  const same = records.filter((record) => isSameAccount(record, parsed.record));
  if (same.length !== 1) return wish;
  const { file } = same[0]!;
  const question = `${file} holds this account already. Put the new login there?`;
  return await isAgreed(terminal, question, "yes") ? { ...wish, replace: file } : wish;
}
