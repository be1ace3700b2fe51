/**
 * Why a file gives no key, as a reason that tells the user what to fix. A reason never quotes the file, which holds
 * secrets: it only has words that are written here.
 * @module
 */

import { isFilled, isObject, type JsonObject, member, parseJson } from "../values/json.ts";
import { TOKEN_BEGINNING, TOKEN_BEGINNINGS } from "../values/token_shape.ts";
import { namesOpenAi } from "./provider.ts";

const OTHER_TOOL = 'import it with "cdx2 auth import FILE"';

/** Why a text is not one JSON object; `json` is what it was parsed as, `undefined` for nothing. */
export function textReason(text: string, json: unknown): string {
  if (text.trim() === "") return "the file is empty";
  const encoding = wideEncoding(text);
  if (encoding !== undefined) return `it is ${encoding} text; save it as UTF-8`;
  if (json !== undefined) return listReason(json) ?? "not a JSON object";
  const start = text.trimStart();
  if (start.startsWith("-----BEGIN ")) return "a PEM key or certificate, not an auth file";
  if (start.startsWith("<")) return "a web page or XML, not an auth file";
  if (/^(?:export\s+)?[A-Z][A-Z0-9_]*=/.test(start)) return "lines of a shell or .env file, not an auth file";
  return linesReason(start) ?? "not valid JSON";
}

// Read as UTF-8, a text of ASCII characters in UTF-16 has a NUL beside each of them, and its byte order mark is two
// characters that are none.
function wideEncoding(text: string): "UTF-16" | "UTF-32" | undefined {
  const [first, second, third] = text.replace(/^\uFFFD{0,2}/, "");
  if (first !== "\0" && second !== "\0") return undefined;
  return (first === "\0" && second === "\0") || (second === "\0" && third === "\0") ? "UTF-32" : "UTF-16";
}

function listReason(json: unknown): string | undefined {
  const isList = Array.isArray(json) && json.some(isObject);
  return isList ? 'a list of logins; import it with "cdx2 auth import FILE"' : undefined;
}

// By its beginning or its length; a shorter text may be anything.
const BARE_TOKEN = new RegExp(
  String.raw`^(?:(?:${TOKEN_BEGINNING}|${TOKEN_BEGINNINGS.jwt})[\w.~+/-]+|[\w.~+/-]{40,})=*$`,
);

function linesReason(text: string): string | undefined {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length > 1 && lines.every((line) => isObject(parseJson(line)))) {
    return 'several JSON documents; import it with "cdx2 auth import FILE"';
  }
  if (!lines.every((line) => BARE_TOKEN.test(line))) return undefined;
  return lines.length === 1
    ? 'a bare token, not an auth file; import it with "cdx2 auth import FILE"'
    : 'bare tokens, not an auth file; import them with "cdx2 auth import FILE"';
}

// Where an import looks for them (credentials/formats.ts), but for names that other files have as well.
const COLLECTIONS = [
  "accounts",
  "profiles",
  "providers",
  "credential_pool",
  "auths",
  "logins",
  "credentials",
] as const;

/** Why an object in which no token was found holds several logins; `undefined` when it does not. */
export function collectionReason(json: JsonObject): string | undefined {
  const isCollection = COLLECTIONS.some((name) => {
    const entries = json[name];
    return Array.isArray(entries)
      ? entries.some(isObject)
      : isObject(entries) && Object.values(entries).some(isObject);
  });
  return isCollection ? `the accounts of another tool in one file; ${OTHER_TOOL}` : undefined;
}

/** Why an object in which no token was found has none, where its shape tells; `undefined` for an unknown shape. */
export function shapeReason(json: JsonObject): string | undefined {
  if (isFilled(json["agent_identity"])) {
    return "an agent identity of Codex, which has no token that can be sent";
  }
  if (isFilled(json["bedrock_api_key"])) return "a login of Amazon Bedrock, not of OpenAI";
  if (isObject(json["codexAuthJson"]) || isObject(json["codex_auth_json"])) {
    return 'an export of codex-lb; import it with "cdx2 auth import FILE"';
  }
  if (hasCamelToken(json) || hasCamelToken(json["tokens"]) || hasCamelToken(json["credential"])) {
    return 'its token is called accessToken, as in another tool; import it with "cdx2 auth import FILE"';
  }
  const entries = Object.entries(json).filter(([, entry]) => isObject(entry));
  const isOtherTool = entries.some(([name, entry]) =>
    namesOpenAi(name) || hasCamelToken(entry) || hasCamelToken(member(entry, "credential"))
  );
  if (isOtherTool) return `the login of another tool; ${OTHER_TOOL}`;
  const hasRefreshToken = ["refresh_token", "refreshToken"].some((name) =>
    isFilled(json[name]) || isFilled(member(json["tokens"], name))
  );
  return hasRefreshToken ? "only a refresh token in it, and no access token; log in again" : undefined;
}

function hasCamelToken(value: unknown): boolean {
  return isFilled(member(value, "accessToken"));
}
