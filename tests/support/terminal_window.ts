// A real terminal, by way of tmux, with a shell in it: what is typed, what is shown, and how it was left behind.

import { until } from "./program.ts";

export interface WindowOptions {
  readonly columns: number;
  readonly rows: number;
  /** All that the shell finds in its environment, beside what names the terminal. */
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
    // What is typed before the shell has started would appear in front of its prompt.
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

  /** A key by the name that tmux has for it. */
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

  /** True when a program has taken the terminal over and hidden the cursor; false when there is no trace of that. */
  async isTakenOver(): Promise<boolean> {
    const flags = await this.#tmux("display-message", "-p", "#{alternate_on}#{?cursor_flag,0,1}");
    if (flags.trim() === "11") return true;
    if (flags.trim() === "00") return false;
    throw new Error(`the terminal is half taken over: ${flags}`);
  }

  /** True when typed lines are shown and edited by the terminal, as a shell's commands expect it. */
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
