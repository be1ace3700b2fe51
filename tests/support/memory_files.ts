// Files that live in memory and fail on demand. As on a real disk, an open file stays the same file when its name is
// moved or removed, a link is followed at each step of a path, and the revision changes with every write.

import { joined } from "../../src/values/bytes.ts";
import { dirname, join, resolve } from "node:path/posix";
import {
  type AppendFile,
  FileError,
  type FileErrorCode,
  type FileInfo,
  type FileLock,
  type Files,
} from "../../src/system/files.ts";

interface FileNode {
  readonly kind: "file";
  readonly id: number;
  bytes: Uint8Array;
  mode: number;
  version: number;
}

type Node = FileNode | { readonly kind: "folder" } | { readonly kind: "link"; readonly target: string };

const MAX_LINKS = 16;
const FOLDER: Node = { kind: "folder" };

export class MemoryFiles implements Files {
  readonly #nodes = new Map<string, Node>([["/", FOLDER]]);
  readonly #faults = new Map<string, FileErrorCode>();
  /** Locked files, wherever they are by now. */
  readonly #locks = new Set<Node>();
  #nextId = 1;
  /** When files were last changed, in epoch milliseconds; 0 for others. */
  readonly modified = new Map<string, number>();

  /** `texts` maps absolute paths to the contents; their folders are created, too. */
  constructor(texts: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(texts)) this.put(path, text);
  }

  /** Writes a file as another program would: folders are made along, no fault stops it. */
  put(path: string, text: string, mode = 0o600): void {
    this.#makeFolders(dirname(path));
    const node = this.#nodes.get(path);
    if (node?.kind === "file") return this.#change(node, new TextEncoder().encode(text));
    this.#nodes.set(path, this.#newFile(new TextEncoder().encode(text), mode));
  }

  /** Makes `path` a link to `target`, which may be relative and need not exist. */
  link(path: string, target: string): void {
    this.#makeFolders(dirname(path));
    this.#nodes.set(path, { kind: "link", target });
  }

  /** Gives the file at `path` a second name, as `ln` does. */
  hardLink(path: string, name: string): void {
    this.#nodes.set(name, this.#nodes.get(path)!);
  }

  /** Removes a file, or a folder with all that is in it. */
  delete(path: string): void {
    for (const known of [...this.#nodes.keys()]) if (isAt(known, path)) this.#nodes.delete(known);
  }

  /**
   * From now on operations at `path` or below it fail with `code`. `no_space` stops only what writes, also into files
   * that are open.
   */
  failAt(path: string, code: FileErrorCode): void {
    this.#faults.set(path, code);
  }

  /** Ends what {@link failAt} began. */
  healAt(path: string): void {
    this.#faults.delete(path);
  }

  /** The text of a file, or `undefined` when there is none; faults do not apply. */
  text(path: string): string | undefined {
    const node = this.#nodes.get(path);
    return node?.kind === "file" ? decoded(node.bytes) : undefined;
  }

  async readText(path: string): Promise<string> {
    return decoded((await this.#fileAt(path)).bytes);
  }

  async readHead(path: string, maxBytes: number): Promise<Uint8Array> {
    return (await this.#fileAt(path)).bytes.slice(0, maxBytes);
  }

  async readTail(path: string, maxBytes: number): Promise<{ bytes: Uint8Array; startsAt: number }> {
    const { bytes } = await this.#fileAt(path);
    const startsAt = Math.max(0, bytes.length - maxBytes);
    return { bytes: bytes.slice(startsAt), startsAt };
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async info(path: string): Promise<FileInfo | undefined> {
    this.#check(path, "read");
    const node = this.#nodes.get(this.#follow(path));
    const isLink = this.#follow(path) !== path;
    if (node?.kind !== "file") {
      const entries = [...this.#nodes].filter(([entry]) => entry.startsWith(`${path}/`));
      const revision = entries.map(([entry, { ...it }]) => `${entry}:${"id" in it ? it.id : ""}`).join("\n");
      return node &&
        {
          kind: "folder",
          sizeBytes: 0,
          mode: 0o700,
          modifiedMs: 0,
          revision,
          identity: "",
          links: 1,
          isLink,
        };
    }
    const { id, version, mode, bytes } = node;
    const links = [...this.#nodes.values()].filter((other) => other === node).length;
    const revision = `${id}:${version}:${bytes.length}`;
    const modifiedMs = this.modified.get(path) ?? 0;
    return {
      kind: "file",
      sizeBytes: bytes.length,
      mode,
      modifiedMs,
      revision,
      identity: `${id}`,
      links,
      isLink,
    };
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async list(folder: string): Promise<readonly string[]> {
    this.#check(folder, "read");
    const real = this.#follow(folder);
    const node = this.#nodes.get(real);
    if (!node) throw failure("not_found", folder);
    if (node.kind !== "folder") throw failure("not_a_folder", folder);
    return [...this.#nodes.keys()]
      .filter((path) => path !== real && dirname(path) === real)
      .map((path) => path.slice(path.lastIndexOf("/") + 1))
      .sort();
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async realPath(path: string): Promise<string> {
    this.#check(path, "read");
    const real = this.#follow(path);
    if (!this.#nodes.has(real)) throw failure("not_found", path);
    return real;
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async makeFolder(path: string): Promise<void> {
    this.#check(path, "write");
    this.#makeFolders(this.#follow(path));
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async writeAtomic(path: string, text: string): Promise<void> {
    this.#check(path, "write");
    this.#requireFolder(path);
    this.#nodes.set(path, this.#newFile(new TextEncoder().encode(text), 0o600));
  }

  writeDurable(path: string, text: string): Promise<void> {
    return this.writeAtomic(path, text);
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async createEmpty(path: string): Promise<boolean> {
    this.#check(path, "write");
    this.#requireFolder(path);
    if (this.#nodes.has(path)) return false;
    this.#nodes.set(path, this.#newFile(new Uint8Array(), 0o600));
    return true;
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async openAppend(path: string): Promise<AppendFile> {
    this.#check(path, "write");
    const real = this.#follow(path);
    this.#requireFolder(real);
    const node = this.#nodes.get(real) ?? this.#newFile(new Uint8Array(), 0o600);
    if (node.kind !== "file") throw failure("is_a_folder", path);
    this.#nodes.set(real, node);
    return {
      get sizeBytes() {
        return node.bytes.length;
      },
      // deno-lint-ignore require-await -- failures must be rejections
      write: async (bytes) => {
        this.#check(path, "append");
        this.#change(node, joined([node.bytes, bytes]));
      },
      close: () => {},
    };
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async append(path: string, bytes: Uint8Array): Promise<void> {
    this.#check(path, "append");
    const node = this.#nodes.get(this.#follow(path));
    if (!node) throw failure("not_found", path);
    if (node.kind !== "file") throw failure("is_a_folder", path);
    this.#change(node, joined([node.bytes, bytes]));
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async rename(from: string, to: string): Promise<void> {
    this.#check(from, "move");
    const node = this.#nodes.get(from);
    if (!node) throw failure("not_found", from);
    this.#requireFolder(to);
    this.#nodes.delete(from);
    this.#nodes.set(to, node);
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async remove(path: string): Promise<void> {
    this.#check(path, "move");
    this.#nodes.delete(path);
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async setMode(path: string, mode: number): Promise<void> {
    this.#check(path, "write");
    const node = this.#nodes.get(this.#follow(path));
    if (node?.kind === "file") node.mode = mode;
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async tryLock(path: string, note: string): Promise<FileLock | undefined> {
    this.#check(path, "write");
    this.#requireFolder(path);
    const known = this.#nodes.get(path);
    if (known !== undefined && this.#locks.has(known)) return undefined;
    this.put(path, note);
    const locked = this.#nodes.get(path)!;
    this.#locks.add(locked);
    return {
      // deno-lint-ignore require-await -- failures must be rejections
      isAt: async (path) => {
        this.#check(path, "read");
        return this.#nodes.get(path) === locked;
      },
      // deno-lint-ignore require-await -- failures must be rejections
      write: async (note) => {
        this.#check(path, "append");
        if (locked.kind === "file") this.#change(locked, new TextEncoder().encode(note));
      },
      release: () => void this.#locks.delete(locked),
    };
  }

  async lock(path: string): Promise<FileLock> {
    for (;;) {
      const lock = await this.tryLock(path, "");
      if (lock) return lock;
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  // deno-lint-ignore require-await -- failures must be rejections
  async #fileAt(path: string): Promise<FileNode> {
    this.#check(path, "read");
    const node = this.#nodes.get(this.#follow(path));
    if (!node) throw failure("not_found", path);
    if (node.kind !== "file") throw failure("is_a_folder", path);
    return node;
  }

  #check(path: string, act: "read" | "write" | "append" | "move"): void {
    for (const [place, code] of this.#faults) {
      const applies = code === "no_space" ? act === "write" || act === "append" : act !== "append";
      if (applies && isAt(path, place)) throw failure(code, path);
    }
  }

  #follow(path: string, linksLeft = MAX_LINKS): string {
    if (linksLeft === 0) throw failure("other", path, "too many levels of symbolic links");
    let real = "/";
    const names = resolve("/", path).split("/").filter((name) => name !== "");
    for (const [index, name] of names.entries()) {
      const node = this.#nodes.get(join(real, name));
      if (node?.kind === "link") {
        return this.#follow(join(resolve(real, node.target), ...names.slice(index + 1)), linksLeft - 1);
      }
      real = join(real, name);
    }
    return real;
  }

  #makeFolders(path: string): void {
    for (let folder = path; !this.#nodes.has(folder); folder = dirname(folder)) {
      this.#nodes.set(folder, FOLDER);
    }
  }

  #requireFolder(path: string): void {
    const folder = this.#nodes.get(this.#follow(dirname(path)));
    if (!folder) throw failure("not_found", path);
    if (folder.kind !== "folder") throw failure("not_a_folder", path);
  }

  #newFile(bytes: Uint8Array, mode: number): FileNode {
    return { kind: "file", id: this.#nextId++, bytes, mode, version: 1 };
  }

  #change(node: FileNode, bytes: Uint8Array): void {
    node.bytes = bytes;
    node.version++;
  }
}

const REASONS: Record<FileErrorCode, string> = {
  not_found: "no such file or directory",
  denied: "permission denied",
  no_space: "no space left on device",
  no_descriptors: "too many open files",
  not_a_folder: "not a directory",
  is_a_folder: "is a directory",
  other: "input/output error",
};

function failure(code: FileErrorCode, path: string, reason = REASONS[code]): FileError {
  return new FileError(code, `${path}: ${reason}`);
}

/** As Deno reads a text: with the byte order mark. */
function decoded(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function isAt(path: string, place: string): boolean {
  return path === place || path.startsWith(place === "/" ? "/" : `${place}/`);
}

/** The same files as an object without private parts, which can be spread as the system's files are. */
export function asPort(files: MemoryFiles): Files {
  const port: Record<string, unknown> = {};
  for (const name of METHODS) {
    port[name] = (...args: unknown[]) => (files[name] as (...args: unknown[]) => unknown).apply(files, args);
  }
  return port as unknown as Files;
}

const METHODS = [
  ...[
    "readText",
    "readHead",
    "readTail",
    "info",
    "list",
    "realPath",
    "makeFolder",
    "writeAtomic",
    "writeDurable",
  ] as const,
  ...["createEmpty", "openAppend", "append", "rename", "remove", "setMode", "tryLock", "lock"] as const,
];
