// A program `secret-tool` on the PATH that keeps its items in files, and fails as the real one does (0.20.5) when a test
// says so.

const SCRIPT = `#!/bin/sh
here=$(dirname "$0")
mode=$(cat "$here/mode")
for name in "$@"; do :; done
echo "$*" >> "$here/log"
item="$here/item-$name"
case $mode in
  no_service)
    echo 'secret-tool: The name org.freedesktop.secrets was not provided by any .service files' >&2
    exit 1;;
  hang) exec sleep 60;;
esac
case $1 in
  lookup) [ "$mode" = open ] && [ -f "$item" ] && exec cat "$item"; exit 1;;
  search) [ -f "$item" ] && echo '[/1]'; exit 0;;
  clear) [ "$mode" = open ] && rm -f "$item"; exit 0;;
  store)
    if [ "$mode" = locked ]; then
      echo 'secret-tool: Cannot create an item in a locked collection' >&2
      exit 1
    fi
    head -c 8192 > "$item.new.$$" && mv "$item.new.$$" "$item";;
esac
`;

/** How it behaves. */
export type SecretToolMode = "open" | "locked" | "no_service" | "hang";

/** The program in a folder of its own. */
export class SecretTool {
  private constructor(readonly folder: string) {}

  /** Makes it in a new folder below `parent`. */
  static async make(parent: string): Promise<SecretTool> {
    const folder = `${parent}/secret-tool`;
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${folder}/secret-tool`, SCRIPT, { mode: 0o700 });
    const tool = new SecretTool(folder);
    await tool.behave("open");
    return tool;
  }

  /** For the environment of programs that are to find it. */
  get path(): string {
    return `${this.folder}:${Deno.env.get("PATH")}`;
  }

  async behave(mode: SecretToolMode): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/mode`, mode);
  }

  /** The texts of the items, decoded. */
  items(): readonly string[] {
    const names = [...Deno.readDirSync(this.folder)].map(({ name }) => name);
    return names.filter((name) => /^item-[A-Za-z0-9]+$/.test(name)).map((name) => {
      const bytes = Uint8Array.fromBase64(Deno.readTextFileSync(`${this.folder}/${name}`), {
        alphabet: "base64url",
      });
      return new TextDecoder().decode(bytes);
    });
  }

  /** The command lines with which it was run. */
  log(): string {
    return Deno.readTextFileSync(`${this.folder}/log`);
  }
}
