/**
 * What the user has set for a key, apart from its login: kept when another login is put into its file. Pure.
 * @module
 */

import { isObject, type Json, parseJson } from "../values/json.ts";
import { editAuthFile, type MemberChange } from "./auth_file_edit.ts";
import { KEPT_MEMBER } from "./kept_member.ts";

const SWITCHES = ["alias", "priority", "disabled", "upstream", "models"] as const;

/** The text of a new login with the switches of the file that it replaces; those that it has itself count more. */
export function withSwitchesOf(replaced: string, text: string): string {
  const [before, after] = [parseJson(replaced), parseJson(text)];
  if (!isObject(before) || !isObject(after)) return text;
  const changes = SWITCHES.filter((name) => Object.hasOwn(before, name) && !Object.hasOwn(after, name))
    .map((name): MemberChange => ({ path: [name], value: before[name] as Json }));
  // The entry in the keyring is replaced, not left there beside another one.
  if (Object.hasOwn(before, KEPT_MEMBER)) {
    changes.push({ path: [KEPT_MEMBER], value: before[KEPT_MEMBER] as Json });
  }
  const edited = editAuthFile(text, changes);
  return edited.kind === "edited" ? edited.text : text;
}
