// A real terminal (in tmux) with a shell in it: types text, reads the screen, and checks how a program left it behind.

import { until } from "./program.ts";

export interface WindowOptions {
  readonly columns: number;
  readonly rows: number;
  /** The environment of the shell, besides the name of the terminal. */
  readonly env: Readonly<Record<string, string>>;
}

/** Disposing of it ends the shell and what runs in it. */
export class TerminalWindow implements AsyncDisposable {
  readonly #socket = `cdx2-test-${crypto.randomUUID()}`;

  private constructor() {}

  static async open({ columns, rows, env }: WindowOptions): Promise<TerminalWindow> {
    const tty = new TerminalWindow();
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const shell = ["env", "-i", "TERM=screen-256color", "PS1=$ ", ...variables, "sh"];
    await tty.#tmux("-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, ...shell);
    // Text that is typed before the shell is ready would appear before its prompt.
    await tty.untilShows(/^\$/m);
    return tty;
  }

  /** Types a command line and Enter. */
  async run(...words: readonly string[]): Promise<void> {
    await this.type(words.join(" "));
    await this.press("Enter");
  }

  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
  }

  /** Presses a key, by its name in tmux. */
  async press(key: string): Promise<void> {
    await this.#tmux("send-keys", key);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  async text(): Promise<string> {
    return await this.#tmux("capture-pane", "-p");
  }

  /** Resolves with the text once the window shows it. */
  async untilShows(what: RegExp): Promise<string> {
    let text = "";
    await until(`the window shows ${what}`, async () => what.test(text = await this.text())).catch(
      (error) => {
        throw new Error(`${error.message}\n${text}`);
      },
    );
    return text;
  }

  /** True when a program uses the alternate screen and hides the cursor; false when neither is the case. */
  async isTakenOver(): Promise<boolean> {
    const flags = await this.#tmux("display-message", "-p", "#{alternate_on}#{?cursor_flag,0,1}");
    if (flags.trim() === "11") return true;
    if (flags.trim() === "00") return false;
    throw new Error(`the terminal is half taken over: ${flags}`);
  }

  /** True when the terminal echoes and edits typed lines, as commands of a shell expect. */
  async isCooked(): Promise<boolean> {
    await this.run("clear; stty -a | tr ' ;' '\\n\\n' | grep -cx -e icanon -e echo -e isig");
    return /^3$/m.test(await this.untilShows(/^\d$/m));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-u", "-L", this.#socket, ...args],
      env: { LC_ALL: "C.UTF-8" },
    }).output();
    if (!success) throw new Error(`tmux ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }
}

/** A word as a shell reads it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
