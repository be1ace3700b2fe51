/**
 * From the text of any file, or from lines of tokens, to the logins in it: each as the text of an auth file. Pure.
 * @module
 */

import { otherText } from "../auth/no_key.ts";
import { parseAuthFile } from "../auth/record.ts";
import { isObject, parseJson } from "../values/json.ts";
import { Secret } from "../values/secret.ts";
import { TOKEN_BEGINNING, tokenShape } from "../values/token_shape.ts";
import { formatOf } from "./formats.ts";
import { type Around, codexFile, fieldsOf, hasLogin, NOTHING_AROUND } from "./login_fields.ts";

/** One part of a file. */
export type FoundLogin =
  /** The text of an auth file that gives a key. */
  | { readonly kind: "usable"; readonly text: Secret; readonly label: string | undefined }
  /** Only a refresh token: to use it is to renew it. `text` is the auth file without an access token. */
  | { readonly kind: "refresh_only"; readonly text: Secret; readonly label: string | undefined }
  /**
   * Not a key; `reason` completes "LABEL is skipped: ". `isForeign`: it is of another provider, so that nothing is missing
   * without it.
   */
  | {
    readonly kind: "skipped";
    readonly label: string | undefined;
    readonly reason: string;
    readonly isForeign: boolean;
  };

/** What a text holds. */
export interface FoundLogins {
  /** The tool that wrote it; `undefined` for Codex's own format, and when it is not known. */
  readonly tool: string | undefined;
  /** That tool goes on using the file, and may renew what is in it. */
  readonly isLive: boolean;
  /** In the order of the file; at least one. */
  readonly logins: readonly FoundLogin[];
}

// Nobody nests exports deeper.
const MAX_DEPTH = 5;

/** The logins in a text: one auth file, a file of another tool, several of them, or lines of tokens. */
export function findLogins(text: string): FoundLogins {
  const json = parseJson(text);
  if (isObject(json)) {
    const format = formatOf(json);
    // Byte for byte, whatever else is in it.
    if (!format && readsAsKey(text)) {
      const whole = found([{ kind: "usable", text: new Secret(text), label: undefined }]);
      const isCpa = json["type"] === "codex" && "expired" in json;
      return isCpa ? { ...whole, tool: "CLIProxyAPI", isLive: true } : whole;
    }
    const { tool, isLive = false } = format ?? {};
    return { ...found(loginsIn(json, NOTHING_AROUND, text)), tool, isLive };
  }
  if (Array.isArray(json)) return found(json.flatMap((entry) => loginsIn(entry, NOTHING_AROUND)));
  return found(linesIn(text) ?? [skipped(undefined, importReason(text, json))]);
}

// Nobody who imports a file is told to import it.
function importReason(text: string, json: unknown): string {
  const { what, isTokens } = otherText(text, json);
  return isTokens ? `${what}, but neither a JWT, sk-… nor at-…` : what;
}

function found(logins: readonly FoundLogin[]): FoundLogins {
  const some = logins.length > 0 ? logins : [skipped(undefined, "there is no login in it")];
  return { tool: undefined, isLive: false, logins: withoutRepeats(some) };
}

// Exports hold one login in several shapes, and lists name it twice.
function withoutRepeats(logins: readonly FoundLogin[]): readonly FoundLogin[] {
  const seen = new Set<string>();
  return logins.filter((login) => {
    if (login.kind === "skipped") return true;
    const parsed = parseAuthFile("", login.text.reveal());
    const token = parsed.kind === "key" ? parsed.record.token.reveal() : login.text.reveal();
    return !seen.has(token) && seen.add(token);
  });
}

function skipped(label: string | undefined, reason: string, isForeign = false): FoundLogin {
  return { kind: "skipped", label, reason, isForeign };
}

function loginsIn(json: unknown, around: Around, text?: string, depth = 0): readonly FoundLogin[] {
  const { label } = around;
  if (Array.isArray(json) && depth < MAX_DEPTH) {
    return json.flatMap((entry) => loginsIn(entry, around, undefined, depth + 1));
  }
  if (typeof json === "string") return [loginInLine(json)];
  if (!isObject(json)) return [skipped(label, "it is not a JSON object")];
  const format = formatOf(json);
  if (format && depth < MAX_DEPTH) {
    return format.parts(json, around).flatMap((part) =>
      part.kind === "foreign"
        ? [skipped(part.label, part.reason, true)]
        : loginsIn(part.json, part.around, undefined, depth + 1)
    );
  }
  return [oneLogin(json, around, text)];
}

function oneLogin(json: Readonly<Record<string, unknown>>, around: Around, text?: string): FoundLogin {
  const own = text ?? JSON.stringify(json, null, 2);
  const { label } = around;
  // What is known around it may be all that names the account.
  const asItIs = parseAuthFile("", own);
  const isWhole = asItIs.kind === "key" &&
    (around.accountId === undefined || asItIs.record.accountId !== undefined) &&
    (around.email === undefined || asItIs.record.email !== undefined) &&
    (!around.isDisabled || asItIs.record.isDisabled);
  if (isWhole) return { kind: "usable", text: new Secret(own), label };
  // Another provider's login is not made ours by writing it in another way.
  const isForeign = asItIs.kind === "rejected" && /^a login of /.test(asItIs.reason);
  const holder = isObject(json["tokens"]) && hasLogin(json["tokens"]) ? json["tokens"] : json;
  if (isForeign || !hasLogin(holder)) return skipped(label, reasonOf(asItIs), isForeign);
  const fields = fieldsOf(holder, { ...around, ...accountAndEmail(json, around) });
  const upstream = typeof json["upstream"] === "string" ? { upstream: json["upstream"] } : {};
  const written = JSON.stringify({ ...codexFile(fields), ...upstream }, null, 2);
  if (fields.access === undefined && fields.refresh !== undefined) {
    return { kind: "refresh_only", text: new Secret(written), label: label ?? fields.email };
  }
  const parsed = parseAuthFile("", written);
  if (parsed.kind === "key") return { kind: "usable", text: new Secret(written), label };
  return skipped(label, parsed.what, /^a login of /.test(parsed.reason));
}

function accountAndEmail(json: Readonly<Record<string, unknown>>, around: Around) {
  const { accountId, email } = fieldsOf(json, around);
  return { accountId, email };
}

function reasonOf(parsed: ReturnType<typeof parseAuthFile>): string {
  return parsed.kind === "rejected" ? parsed.what : "there is no login in it";
}

function readsAsKey(text: string): boolean {
  return parseAuthFile("", text).kind === "key";
}

const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;
const BARE_TOKEN = new RegExp(String.raw`^${TOKEN_BEGINNING}[\w.~+/-]+=*$`);

/** The lines of a text that is not one JSON value; `undefined` when none of them looks like a login. */
function linesIn(text: string): readonly FoundLogin[] | undefined {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim()).filter((line) =>
    line !== "" && !/^(?:#|\/\/)/.test(line)
  );
  const logins = lines.flatMap((line) => {
    const json = parseJson(line);
    return isObject(json) ? loginsIn(json, NOTHING_AROUND, line) : [loginInLine(line)];
  });
  return logins.some(({ kind }) => kind !== "skipped") ? logins : undefined;
}

function loginInLine(line: string): FoundLogin {
  const token = line.replace(/^["'\s]*(?:(?:authorization:\s*)?bearer\s+)?/i, "").replace(/["',;\s]+$/, "");
  const text = (file: object) => new Secret(JSON.stringify(file, null, 2));
  const fields = { ...fieldsOf({}, NOTHING_AROUND) };
  const shape = BARE_TOKEN.test(token) ? tokenShape(token) : undefined;
  if (shape === "refresh_token") {
    return { kind: "refresh_only", text: text(codexFile({ ...fields, refresh: token })), label: undefined };
  }
  const file = JWT.test(token) || shape === "personal_token"
    ? codexFile({ ...fields, access: token })
    : shape === "api_key"
    ? codexFile({ ...fields, apiKey: token })
    : undefined;
  if (file === undefined) return skipped("a line", "it is not a token");
  const parsed = parseAuthFile("", JSON.stringify(file));
  if (parsed.kind === "key") return { kind: "usable", text: text(file), label: undefined };
  return skipped("a line", parsed.what, /^a login of /.test(parsed.reason));
}
