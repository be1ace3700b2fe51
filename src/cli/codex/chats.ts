/**
 * The chats that Codex has stored, as far as a route depends on them: which provider each belongs to. Codex opens a chat
 * with its own provider only ("Cannot change this thread's model provider"). Measured with Codex 0.169.0: the first line of
 * `sessions/YYYY/MM/DD/rollout-TIME-ID.jsonl` names the provider, and the id is a UUIDv7, which holds the time. Chats that
 * Codex has compressed (`.jsonl.zst`) are not read.
 * @module
 */

import { codexSessionsFolder } from "../../config/paths.ts";
import type { World } from "../world.ts";

/** A stored chat. */
export interface Chat {
  readonly id: string;
  /** The name of its provider in Codex's settings. */
  readonly provider: string;
  /** A sub-agent's, which nobody goes on with. */
  readonly isOfSubAgent: boolean;
}

type ChatWorld = Pick<World, "files" | "env" | "homeFolder">;

// The line goes on with Codex's instructions to the model, of some 20 kB.
const HEAD_BYTES = 64 * 1024;
const DAY_MS = 24 * 3_600_000;
const SEARCHED_CHATS = 40;

/** The chat with this id; `undefined` when there is none, or when it does not say whose it is. */
export async function chatById(world: ChatWorld, id: string): Promise<Chat | undefined> {
  const root = codexSessionsFolder(world.env, world.homeFolder);
  const startedMs = parseInt(id.replace("-", "").slice(0, 12), 16);
  // The folder is named by the local time of the user, who may have travelled since.
  for (const ms of [startedMs, startedMs - DAY_MS, startedMs + DAY_MS]) {
    const found = (await chatsIn(world, `${root}/${dayPath(ms)}`)).find((stored) => stored.id === id);
    if (found !== undefined) return await readChat(world, found);
  }
  return undefined;
}

/** The latest of the last 40 chats that belongs to another provider. */
export async function latestOfAnother(world: ChatWorld, provider: string): Promise<Chat | undefined> {
  let searched = 0;
  for await (const stored of latestChats(world)) {
    if (++searched > SEARCHED_CHATS) break;
    const chat = await readChat(world, stored);
    if (chat && !chat.isOfSubAgent && chat.provider !== provider) return chat;
  }
  return undefined;
}

interface StoredChat {
  readonly id: string;
  readonly path: string;
}

async function* latestChats(world: ChatWorld): AsyncGenerator<StoredChat> {
  const root = codexSessionsFolder(world.env, world.homeFolder);
  for (const year of await namesIn(world, root)) {
    for (const month of await namesIn(world, `${root}/${year}`)) {
      for (const day of await namesIn(world, `${root}/${year}/${month}`)) {
        yield* await chatsIn(world, `${root}/${year}/${month}/${day}`);
      }
    }
  }
}

async function chatsIn(world: ChatWorld, folder: string): Promise<readonly StoredChat[]> {
  const names = await namesIn(world, folder);
  return names.flatMap((name) => {
    const id = /^rollout-.{19}-([0-9a-f-]{36})\.jsonl$/.exec(name)?.[1];
    return id === undefined ? [] : [{ id, path: `${folder}/${name}` }];
  });
}

/** The names in a folder, the latest first. */
async function namesIn({ files }: ChatWorld, folder: string): Promise<readonly string[]> {
  return (await files.list(folder).catch(() => [])).toReversed();
}

// Inside a text, quotes have a backslash before them, so these match keys of the line only.
const PROVIDER = /"model_provider":"([^"\\]+)"/;
const OF_A_SUBAGENT = /"source":\{/;

async function readChat({ files }: ChatWorld, { id, path }: StoredChat): Promise<Chat | undefined> {
  const head = await files.readHead(path, HEAD_BYTES).catch(() => new Uint8Array());
  const [line = ""] = new TextDecoder().decode(head).split("\n", 1);
  const provider = PROVIDER.exec(line)?.[1];
  return provider === undefined ? undefined : { id, provider, isOfSubAgent: OF_A_SUBAGENT.test(line) };
}

/** `2026/11/26`. The 48 bits that a time has in a UUID are a date in any case. */
function dayPath(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll("-", "/");
}
