// The lines of shell code in the README and in docs/.

const ROOT = new URL("../../", import.meta.url);

/** A line of a shell block. */
export interface DocumentedLine {
  /** From the root of the repository. */
  readonly page: string;
  /** From 1. */
  readonly line: number;
  /** Without the blanks around it. */
  readonly text: string;
}

/** The lines in the shell blocks of a page, without empty ones and comments. */
export function shellLines(page: string, text: string): readonly DocumentedLine[] {
  let isShell = false;
  return text.split("\n").flatMap((whole, at) => {
    const line = whole.trim();
    if (line.startsWith("```")) {
      isShell = /^```(?:sh|bash|shell|console)\b/.test(line);
      return [];
    }
    return isShell && line !== "" && !line.startsWith("#") ? [{ page, line: at + 1, text: line }] : [];
  });
}

/** Those of the README and of all pages but the changelog. */
export async function documentedLines(): Promise<readonly DocumentedLine[]> {
  const names = [...Deno.readDirSync(new URL("docs/", ROOT))].map(({ name }) => `docs/${name}`)
    .filter((name) => name.endsWith(".md") && name !== "docs/changelog.md").sort();
  const pages = await Promise.all(["README.md", ...names].map(async (page) => {
    return shellLines(page, await Deno.readTextFile(new URL(page, ROOT)));
  }));
  return pages.flat();
}
