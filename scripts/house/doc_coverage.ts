/**
 * Counts how many exports have JSDoc, per room. For the figures only; `doc_lint.ts` is what fails.
 *
 *   deno task doc:coverage     reads src/ of the working directory
 * @module
 */

// deno-lint-ignore-file no-console -- this is a script, its output is its answer
import { readTexts } from "./text_files.ts";
import { roomOf } from "./rooms.ts";

/** How many exports a room has, and how many of them have JSDoc. */
export interface Coverage {
  readonly room: string;
  readonly exports: number;
  readonly documented: number;
}

/** The part of `deno doc --json` (version 2) that is counted. */
export interface DocPages {
  /** By the URL of the file. */
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocSymbol[] }>>;
}

interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly declarationKind: string;
    readonly jsDoc?: { readonly doc?: string };
  }[];
}

/** The coverage of each room, in the order of their names. Only what a file exports itself counts. */
export function coverageOf({ nodes }: DocPages): readonly Coverage[] {
  const symbols = Object.entries(nodes).flatMap(([url, { symbols }]) =>
    symbols.filter(isExported).map((symbol) => ({
      room: roomOf(url.slice(url.lastIndexOf("/src/") + 1)),
      symbol,
    }))
  );
  const rooms = [...new Set(symbols.map(({ room }) => room))].sort();
  return rooms.map((room) => {
    const own = symbols.filter((each) => each.room === room);
    return { room, exports: own.length, documented: own.filter(({ symbol }) => isDocumented(symbol)).length };
  });
}

function isExported({ declarations }: DocSymbol): boolean {
  return declarations.some(({ declarationKind }) => declarationKind === "export");
}

function isDocumented({ declarations }: DocSymbol): boolean {
  return declarations.some(({ jsDoc }) => (jsDoc?.doc ?? "") !== "");
}

function line({ room, exports, documented }: Coverage): string {
  const percent = (documented / exports * 100).toFixed(0);
  return `${room.padEnd(14)} ${String(documented).padStart(4)} of ${String(exports).padStart(4)}  ${
    percent.padStart(3)
  } %`;
}

if (import.meta.main) {
  const files = await readTexts(["src"]);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--quiet", ...files.map(({ path }) => path)],
    stdin: "null",
  }).output();
  const rooms = coverageOf(JSON.parse(new TextDecoder().decode(stdout)));
  const sum = (field: "exports" | "documented") => rooms.reduce((total, room) => total + room[field], 0);
  for (const room of rooms) console.log(line(room));
  console.log(line({ room: "all", exports: sum("exports"), documented: sum("documented") }));
}
