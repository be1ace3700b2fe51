/**
 * Which provider Codex is told to use. Codex opens a stored chat with the provider that it began with and no other, so the
 * one of the chat is named; and where the user can choose among chats, none is, because Codex then takes that of the chat.
 * @module
 */

import type { Chat } from "./chats.ts";
import type { CodexTask } from "./task.ts";

/** The name of our own provider in Codex's settings. */
export const OWN_PROVIDER = "cdx2";
/** Codex's built-in one, which wants a login. */
const BUILT_IN = "openai";

/** The provider of new chats: the built-in one for a user with a login. */
export function usualProvider(isLoggedIn: boolean): string {
  return isLoggedIn ? BUILT_IN : OWN_PROVIDER;
}

/** Whether these settings of Codex name a provider, at the top or in a profile, that is neither ours nor the built-in one. */
export function namesOtherProvider(configToml: string): boolean {
  return /^\s*["']?model_provider["']?\s*=\s*["'](?!(?:openai|cdx2)["'])/m.test(configToml);
}

/** What the provider depends on. */
export interface ProviderFacts {
  readonly isLoggedIn: boolean;
  /** The user's settings name another provider, which does not lead through the proxy. */
  readonly hasOtherDefault: boolean;
  /** The chat that is to be opened; `undefined` when none is named, or it is not known. */
  readonly chat: Chat | undefined;
}

/** The provider to name; `undefined` to name none, so that each chat gets its own. */
export function providerFor(
  task: CodexTask,
  { isLoggedIn, hasOtherDefault, chat }: ProviderFacts,
): string | undefined {
  if (chat !== undefined) return chat.provider;
  // Without a login, Codex would begin with a sign-in screen; and `exec` takes no chat's own provider.
  const mayChoose = task.kind !== "no_model" && task.onScreen && isLoggedIn && !hasOtherDefault;
  return mayChoose ? undefined : usualProvider(isLoggedIn);
}

/** What the user should know about a chat that does not open as expected; usually nothing. */
export function chatNotes(
  task: CodexTask,
  { isLoggedIn, chat, another }: {
    readonly isLoggedIn: boolean;
    /** The chat that is opened by its id. */
    readonly chat: Chat | undefined;
    /** The latest chat that is not of the provider that is named, when the user is to choose one. */
    readonly another: Chat | undefined;
  },
): readonly string[] {
  if (task.kind === "choose" && another !== undefined) {
    const began = another.provider === OWN_PROVIDER
      ? "that began without a login"
      : another.provider === BUILT_IN
      ? "that began with a login"
      : `of the provider ${another.provider}`;
    return [
      `chats ${began} do not open this way; the latest does by: ${reopened(task, isLoggedIn, another)}`,
    ];
  }
  if (task.kind !== "reopen" || chat === undefined) return [];
  if (chat.provider === BUILT_IN) {
    return task.onScreen && !isLoggedIn
      ? [`the chat began with a login: log in, or go on by: ${reopened(task, isLoggedIn, chat)}`]
      : [];
  }
  return chat.provider === OWN_PROVIDER ? [] : [
    `the chat belongs to the provider ${chat.provider}: its requests go where config.toml leads them`,
  ];
}

/** A command that opens the chat. Without a login, the screen would ask for one in a chat that began with it. */
function reopened(task: CodexTask, isLoggedIn: boolean, { id, provider }: Chat): string {
  const onScreen = task.kind !== "no_model" && task.onScreen && (isLoggedIn || provider !== BUILT_IN);
  return onScreen ? `cdx2 codex resume ${id}` : `cdx2 codex exec resume ${id} "go on"`;
}
