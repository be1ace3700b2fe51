/**
 * The version at the head of a file that is kept over a restart. A file of another version is not read at all.
 * @module
 */

import { isObject, type JsonObject, parseJson, scalarText } from "../values/json.ts";
import type { KeptReading } from "./kept_file.ts";

/** The JSON object in the text, when it has this version. Never throws. */
export function readVersion(text: string, expected: number): KeptReading<JsonObject> {
  const json = parseJson(text);
  if (!isObject(json)) return { kind: "unusable", reason: "it is not a JSON object" };
  const version = json["$schema_version"];
  if (version !== expected) {
    return { kind: "unusable", reason: `it has version ${scalarText(version) || "none"}, not ${expected}` };
  }
  return { kind: "read", value: json };
}
