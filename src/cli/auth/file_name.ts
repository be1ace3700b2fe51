/**
 * The name of a file for a key, as an argument.
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { ALLOWED_NAMES, keyFileName } from "../../auth/folder_plan.ts";

/** The file of a key with this name. @throws {InvalidArgumentError} when the name is not allowed */
export function fileNameFrom(name: string): string {
  const file = keyFileName(name);
  if (file === undefined) throw new InvalidArgumentError(`Allowed are ${ALLOWED_NAMES}.`);
  return file;
}
