/**
 * How the worker gets the tokens of keys that are in the keyring: it asks the main thread, by the path of the file, and
 * is handed what requests carry, and no refresh token. The worker itself can start no program, and so ask no keyring.
 * @module
 */

import { basename } from "node:path";
import { type KeptEntry, keptEntry, separated, tokensForServing, withEntry } from "../auth/kept_tokens.ts";
import { isAuthFileName } from "../auth/record.ts";
import { withTokens } from "../keyring/kept_files.ts";
import type { Clock } from "../system/clock.ts";
import { FileError, type FileInfo, type Files } from "../system/files.ts";
import { Secret } from "../values/secret.ts";

/** The worker asks for the tokens of the auth file at this path. */
export interface TokensWanted {
  /** Tells it from other messages. */
  readonly kind: "tokens_wanted";
  /** The file, in the auth dir. */
  readonly path: string;
}

/** What it gets. Messages are copied, which a Secret would not survive: so the tokens go as plain text. */
export interface TokensHanded {
  /** Tells it from other messages. */
  readonly kind: "tokens_handed";
  /** The file. */
  readonly path: string;
  /** As `tokensForServing` makes them; `undefined` when there are none. */
  readonly tokens: string | undefined;
  /** Why there are none; completes "cannot be read: ". `undefined` when there are some. */
  readonly problem: string | undefined;
}

/**
 * The main thread's end: what to answer about an auth file. Of other files nothing is said. `files` have the tokens of
 * the keyring.
 */
export async function handTokens(
  { files, authDir }: { readonly files: Pick<Files, "readText">; readonly authDir: string },
  { path }: TokensWanted,
): Promise<TokensHanded> {
  const nothing = (problem: string): TokensHanded => ({
    kind: "tokens_handed",
    path,
    tokens: undefined,
    problem,
  });
  const name = basename(path);
  if (path !== `${authDir}/${name}` || !isAuthFileName(name)) return nothing("it is not an auth file");
  try {
    const parts = separated(await files.readText(path));
    const tokens = parts && tokensForServing(parts.tokens)?.reveal();
    if (tokens === undefined) return nothing("it has just changed");
    return { kind: "tokens_handed", path, tokens, problem: undefined };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return nothing(error.message.replace(`${path}: `, ""));
  }
}

// A keyring that was locked may be open by now; the files do not show it.
const RETRY_MS = 15_000;

interface Known {
  /** The file, as it was when its tokens were asked for; `undefined`: they are to be asked for again. */
  readonly fileText: string | undefined;
  /** Where they are. */
  readonly entry: string;
  readonly tokens: Secret;
}

/** The worker's end. */
export class TokenHandover {
  readonly #ask: (wanted: TokensWanted) => void;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #waiting = new Map<string, PromiseWithResolvers<TokensHanded>>();
  readonly #known = new Map<string, Known>();
  /** The texts of the auth files that held their tokens when they were last read. */
  readonly #whole = new Map<string, Secret>();
  readonly #failed = new Set<string>();

  /** `ask` asks the main thread. */
  constructor(ask: (wanted: TokensWanted) => void, clock: Pick<Clock, "nowMs">) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** The files, with the tokens of auth files. One whose tokens could not be had counts as changed after a while. */
  over(files: Files): Files {
    return {
      ...files,
      readText: async (path, known) => {
        const fileText = await files.readText(path, known);
        const text = await withTokens(path, fileText, (named) => this.#tokensOf(path, fileText, named));
        if (text === fileText && isAuthFileName(basename(path))) this.#learn(path, text);
        return text;
      },
      info: async (path) => {
        const info = await files.info(path);
        return info && this.#failed.has(path) ? this.#asChanged(info) : info;
      },
    };
  }

  /** Takes an answer of the main thread. */
  take(handed: TokensHanded): void {
    this.#waiting.get(handed.path)?.resolve(handed);
    this.#waiting.delete(handed.path);
  }

  /** Asks for all tokens again when they are next read: there are new ones in the keyring. */
  forget(): void {
    for (const [path, known] of this.#known) this.#known.set(path, { ...known, fileText: undefined });
  }

  #asChanged(info: FileInfo): FileInfo {
    return { ...info, revision: `${info.revision}:${Math.floor(this.#clock.nowMs() / RETRY_MS)}` };
  }

  /** Its tokens may be in the keyring by the next look, and that may be locked by then. */
  #learn(path: string, text: string): void {
    this.#whole.set(path, new Secret(text));
    this.#known.delete(path);
    this.#failed.delete(path);
  }

  async #tokensOf(path: string, fileText: string, named: KeptEntry): Promise<Secret> {
    const { entry } = named;
    const known = this.#known.get(path);
    if (known?.fileText === fileText) return known.tokens;
    const answer = this.#waiting.getOrInsertComputed(path, () => {
      this.#ask({ kind: "tokens_wanted", path });
      return Promise.withResolvers<TokensHanded>();
    });
    const { tokens, problem } = await answer.promise;
    if (tokens === undefined) return this.#earlierTokens(path, named, problem);
    this.#failed.delete(path);
    this.#whole.delete(path);
    const secret = new Secret(tokens);
    this.#known.set(path, { fileText, entry, tokens: secret });
    return secret;
  }

  /** Those that it had may still work, and the newer ones come when the keyring is open again. */
  #earlierTokens(path: string, named: KeptEntry, problem: string | undefined): Secret {
    this.#failed.add(path);
    const known = this.#known.get(path);
    if (known?.entry === named.entry) return known.tokens;
    const moved = this.#movedTokens(path, named);
    if (moved === undefined) throw new FileError("other", `${path}: ${problem}`);
    this.#whole.delete(path);
    this.#known.set(path, { fileText: undefined, entry: named.entry, tokens: moved });
    return moved;
  }

  /** The tokens that were in the file, when exactly these are in the entry that it names now. */
  #movedTokens(path: string, { entry, seal }: KeptEntry): Secret | undefined {
    const whole = this.#whole.get(path);
    const parts = whole && separated(withEntry(whole.reveal(), entry));
    const isSame = parts !== undefined && keptEntry(parts.fileText)?.seal === seal;
    return isSame ? tokensForServing(parts.tokens) : undefined;
  }
}
