/**
 * Why a file gives no key, as a reason that tells the user what to fix. A reason never quotes the file, which holds
 * secrets: it only has words that are written here.
 * @module
 */

import { isFilled, isObject, type JsonObject, member, parseJson } from "../values/json.ts";
import { TOKEN_BEGINNING, TOKEN_BEGINNINGS } from "../values/token_shape.ts";
import { namesOpenAi } from "./provider.ts";

const IMPORT_IT = 'import it with "cdx2 auth import FILE"';

/** Why a file gives no key. Nobody who imports a file is told to import it, so the advice is apart. */
export interface NoKeyReason {
  /** A noun, or a clause. */
  readonly what: string;
  /** What to do with a file that only an import reads; `undefined` for any other. */
  readonly advice: string | undefined;
}

/** What a text is that is not one JSON object. */
export interface OtherText extends NoKeyReason {
  /** It is bare tokens, or looks like them. */
  readonly isTokens: boolean;
}

/** Why a text is not one JSON object; `json` is what it was parsed as, `undefined` for nothing. */
export function textReason(text: string, json: unknown): NoKeyReason {
  const { what, isTokens, advice } = otherText(text, json);
  return { what: isTokens ? `${what}, not an auth file` : what, advice };
}

/** The whole reason, with the advice. */
export function reasonText({ what, advice }: NoKeyReason): string {
  return advice === undefined ? what : `${what}; ${advice}`;
}

/** The parts of {@link textReason}, for a caller that gives other advice; `json` as there. */
export function otherText(text: string, json: unknown): OtherText {
  if (text.trim() === "") return noAdvice("the file is empty");
  const encoding = wideEncoding(text);
  if (encoding !== undefined) return noAdvice(`it is ${encoding} text; save it as UTF-8`);
  if (json !== undefined) return listText(json) ?? noAdvice("not a JSON object");
  const start = text.trimStart();
  if (start.startsWith("-----BEGIN ")) return noAdvice("a PEM key or certificate, not an auth file");
  if (start.startsWith("<")) return noAdvice("a web page or XML, not an auth file");
  if (/^(?:export\s+)?[A-Z][A-Z0-9_]*=/.test(start)) {
    return noAdvice("lines of a shell or .env file, not an auth file");
  }
  return linesText(start) ?? noAdvice("not valid JSON");
}

function noAdvice(what: string): OtherText {
  return { ...plain(what), isTokens: false };
}

// Read as UTF-8, a text of ASCII characters in UTF-16 has a NUL beside each of them, and its byte order mark is two
// characters that are none.
function wideEncoding(text: string): "UTF-16" | "UTF-32" | undefined {
  const [first, second, third] = text.replace(/^\uFFFD{0,2}/, "");
  if (first !== "\0" && second !== "\0") return undefined;
  return (first === "\0" && second === "\0") || (second === "\0" && third === "\0") ? "UTF-32" : "UTF-16";
}

function listText(json: unknown): OtherText | undefined {
  const isList = Array.isArray(json) && json.some(isObject);
  return isList ? { ...toImport("a list of logins"), isTokens: false } : undefined;
}

// By its beginning or its length; a shorter text may be anything.
const BARE_TOKEN = new RegExp(
  String.raw`^(?:(?:${TOKEN_BEGINNING}|${TOKEN_BEGINNINGS.jwt})[\w.~+/-]+|[\w.~+/-]{40,})=*$`,
);

function linesText(text: string): OtherText | undefined {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
  if (lines.length > 1 && lines.every((line) => isObject(parseJson(line)))) {
    return { ...toImport("several JSON documents"), isTokens: false };
  }
  if (!lines.every((line) => BARE_TOKEN.test(line))) return undefined;
  return lines.length === 1
    ? { ...toImport("a bare token"), isTokens: true }
    : { what: "bare tokens", isTokens: true, advice: 'import them with "cdx2 auth import FILE"' };
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
export function collectionReason(json: JsonObject): NoKeyReason | undefined {
  const isCollection = COLLECTIONS.some((name) => {
    const entries = json[name];
    return Array.isArray(entries)
      ? entries.some(isObject)
      : isObject(entries) && Object.values(entries).some(isObject);
  });
  return isCollection ? toImport("the accounts of another tool in one file") : undefined;
}

/** Why an object in which no token was found has none, where its shape tells; `undefined` for an unknown shape. */
export function shapeReason(json: JsonObject): NoKeyReason | undefined {
  if (isFilled(json["agent_identity"])) {
    return plain("an agent identity of Codex, which has no token that can be sent");
  }
  if (isFilled(json["bedrock_api_key"])) return plain("a login of Amazon Bedrock, not of OpenAI");
  if (isObject(json["codexAuthJson"]) || isObject(json["codex_auth_json"])) {
    return toImport("an export of codex-lb");
  }
  if (hasCamelToken(json) || hasCamelToken(json["tokens"]) || hasCamelToken(json["credential"])) {
    return toImport("its token is called accessToken, as in another tool");
  }
  const entries = Object.entries(json).filter(([, entry]) => isObject(entry));
  const isOtherTool = entries.some(([name, entry]) =>
    namesOpenAi(name) || hasCamelToken(entry) || hasCamelToken(member(entry, "credential"))
  );
  if (isOtherTool) return toImport("the login of another tool");
  const hasRefreshToken = ["refresh_token", "refreshToken"].some((name) =>
    isFilled(json[name]) || isFilled(member(json["tokens"], name))
  );
  return hasRefreshToken ? plain("only a refresh token in it, and no access token; log in again") : undefined;
}

function toImport(what: string): NoKeyReason {
  return { what, advice: IMPORT_IT };
}

function plain(what: string): NoKeyReason {
  return { what, advice: undefined };
}

function hasCamelToken(value: unknown): boolean {
  return isFilled(member(value, "accessToken"));
}
