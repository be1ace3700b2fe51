/**
 * The links of the pages that people read: a link to a file of the repository names one that is there, and what follows `#`
 * is a heading of it. Addresses of the web are only looked at, not asked.
 * @module
 */

import { dirname, join } from "node:path/posix";
import { type Breach, lineAt, type TextFile } from "./text_files.ts";

/** The links that lead nowhere. `isThere` tells of a path from the repository's root whether it is a file or a folder. */
export function brokenLinks(
  files: readonly TextFile[],
  isThere: (path: string) => boolean,
): readonly Breach[] {
  const pages = files.filter(({ path }) => path.endsWith(".md"));
  const anchors = new Map(pages.map(({ path, text }) => [path, anchorsIn(text)]));
  return pages.flatMap(({ path, text }) =>
    linksIn(text).flatMap(({ target, line }) => {
      const says = problemOf(path, target, { anchors, isThere });
      return says === undefined ? [] : [{ path, line, says: `links to ${target}: ${says}` }];
    })
  );
}

const INDEX = "docs/README.md";

/** The pages right in docs/ that its index does not lead to. */
export function unlistedPages(files: readonly TextFile[]): readonly Breach[] {
  const index = files.find(({ path }) => path === INDEX);
  const listed = new Set(linksIn(index?.text ?? "").map(({ target }) => `docs/${target.split("#")[0]}`));
  return files.filter(({ path }) => /^docs\/[^/]+\.md$/.test(path) && path !== INDEX && !listed.has(path))
    .map(({ path }) => ({ path, line: 1, says: `is not in the index: ${INDEX} says who a page is for` }));
}

function problemOf(
  page: string,
  target: string,
  { anchors, isThere }: {
    readonly anchors: ReadonlyMap<string, ReadonlySet<string>>;
    readonly isThere: (path: string) => boolean;
  },
): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return URL.canParse(target) ? undefined : "not a URL";
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page : join(dirname(page), decodeURIComponent(file));
  if (path.startsWith("..") || !isThere(path)) return "there is no such file";
  if (anchor === undefined) return undefined;
  const known = anchors.get(path.replace(/\/$/, ""));
  if (known === undefined) return "only a page has headings";
  return known.has(anchor) ? undefined : "there is no such heading";
}

/** Links and pictures, those of references too, with the lines that they are on. Code has none. */
function linksIn(text: string): readonly { readonly target: string; readonly line: number }[] {
  const prose = withoutCode(text);
  const inline = prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g);
  const references = prose.matchAll(/^[ \t]*\[[^\]]+\]:\s*(\S+)/gm);
  return [...inline, ...references].map((match) => ({ target: match[1]!, line: lineAt(prose, match.index) }));
}

const FENCED = /^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[ \t]*$/gm;

/** The same text with blanks in the place of code, so that lines stay where they are. */
function withoutCode(text: string): string {
  const blank = (code: string) => code.replace(/[^\n]/g, " ");
  return text.replace(FENCED, blank).replace(/`[^`\n]*`/g, blank);
}

/** As GitHub makes them of headings: small letters, hyphens for blanks, no punctuation, numbered when there are several. */
function anchorsIn(text: string): ReadonlySet<string> {
  const fenceless = text.replace(FENCED, "");
  const seen = new Map<string, number>();
  const anchors = [...fenceless.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)].map(([, heading = ""]) => {
    const bare = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const slug = bare.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
  return new Set(anchors);
}
