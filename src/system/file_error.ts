/**
 * Why something with a file failed, in the few words that users need.
 * @module
 */

import { osReason } from "../values/os_reason.ts";
import { isDescriptorShortage } from "./descriptors.ts";

/** Why a file operation failed, as far as callers distinguish it. */
export type FileErrorCode =
  | "not_found"
  | "denied"
  | "no_space"
  /** This process, or the machine, has as many files and sockets open as it may. */
  | "no_descriptors"
  | "not_a_folder"
  | "is_a_folder"
  | "other";

/** Every rejection of a {@link Files} method is one of these; the message names the path. */
export class FileError extends Error {
  override readonly name = "FileError";
  constructor(readonly code: FileErrorCode, message: string) {
    super(message);
  }
}

/** Whether an error says that there is no file, or no folder for it. */
export function isMissing(error: unknown): boolean {
  return error instanceof FileError && error.code === "not_found";
}

/** Runs `act` and turns what it throws into a {@link FileError} that names `path`. */
export async function named<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(codeOf(error), `${path}: ${reasonOf(error)}`);
  }
}

function codeOf(error: unknown): FileErrorCode {
  if (error instanceof Deno.errors.NotFound) return "not_found";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "denied";
  }
  if (error instanceof Deno.errors.NotADirectory) return "not_a_folder";
  if (error instanceof Deno.errors.IsADirectory) return "is_a_folder";
  const text = error instanceof Error ? `${"code" in error ? error.code : ""} ${error.message}` : "";
  if (/ENOSPC|EDQUOT|os error 28|os error 122/.test(text)) return "no_space";
  if (isDescriptorShortage(error)) return "no_descriptors";
  if (/ENOTDIR|os error 20\b/.test(text)) return "not_a_folder";
  if (/EISDIR|os error 21\b/.test(text)) return "is_a_folder";
  return "other";
}

// Deno's messages repeat the path at their end; the user needs only the reason.
function reasonOf(error: unknown): string {
  return osReason(error instanceof Error ? error.message : String(error));
}
