/**
 * What a refusal is about: the token, the account, its quota, a burst, the model, another account's state, the request,
 * the address, or the upstream itself. The status alone rarely tells; the names and words in the answer, and the route
 * that was asked, do. Pure, and read as rules: the first that fits decides.
 * @module
 */

import { isModelCode, isQuotaCode } from "../auth/outcome.ts";
import type { ErrorDetails } from "./error_details.ts";

/** Who or what is to blame. `overload` is the upstream's fault, too, but worth one other key. */
export type Subject =
  | "token"
  | "account"
  | "quota"
  | "burst"
  | "model"
  | "other_account"
  | "request"
  | "address"
  | "overload"
  | "upstream";

/** A refusal before it is judged: an answer with status 400 or above, or the event with which a stream failed. */
export interface Refused {
  /** The status of the answer; `undefined` for an event of a stream. */
  readonly status: number | undefined;
  /** Of the refusal. */
  readonly headers: Headers;
  /** What its body says. */
  readonly details: ErrorDetails;
  /** The body is a page for browsers. */
  readonly isPage: boolean;
  /** It answers a model call (`…/responses`), the only calls for which keys are there. */
  readonly isModelCall: boolean;
  /** The request names something that lives at one account: a response, a file, a conversation. */
  readonly namesAccountState: boolean;
}

type NameTest = RegExp | ((name: string) => boolean);

/** What a refusal is about, and the name for it in states and logs. */
export interface Finding {
  /** What the refusal is about. */
  readonly about: Subject;
  /** The upstream's own name where it gave a known one, else `http_401` and the like. */
  readonly code: string;
}

const OTHER_ACCOUNT =
  /^(?:invalid_encrypted_content|(?:previous_)?(?:response|conversation|file|vector_store|batch|container|item|thread|assistant|upload|prompt)_not_found)$/;
// "The encrypted content … could not be verified. Reason: Encrypted content organization_id did not match the target
// organization."
const ENCRYPTED_WORDS =
  /\bencrypted content\b[^\n]{0,300}?\b(?:could not be (?:verified|decrypted)|did not match|is invalid)\b/i;
// "Previous response with id 'resp_1' not found", "No such File object: file-1", "Container is not accessible". Not "No
// tool output found": what lives at an account is named first, or right after the denial.
const THING =
  "(?:response|conversation|file|vector ?store|batch|container|item|thread|assistant|upload|prompt|video|eval|job|completion)s?";
const MISSING_WORDS = new RegExp(
  `\\b${THING}\\b[^\\n]{0,160}?\\b(?:not (?:be )?(?:found|accessible|exist)|does not (?:exist|belong)|belongs to (?:a|another)|access denied|not have access)\\b` +
    `|\\b(?:no (?:such )?|unknown |access to (?:this |the )?)${THING}\\b`,
  "i",
);
const BURST =
  /^(?:rate_limit(?:ed|_exceeded|_error|_reached)?|(?:requests|tokens)_per_(?:minute|day)_limit_exceeded|too_many_requests|resource_exhausted|requests|tokens)$/;
const OVERLOAD =
  /^(?:(?:server_is_|server_|engine_|model_)?overloaded(?:_error)?|slow_down|(?:model_)?(?:at_)?capacity(?:_exceeded)?)$/;
const ACCOUNT =
  /^(?:account_.+|deactivated(?:_.+)?|.+_deactivated|.+_suspended|billing_not_active|payment_required|access_terminated|project_archived)$/;
const TOKEN =
  /^(?:token_(?!limit|count).+|(?:invalid|incorrect|expired|revoked|missing)_(?:api_key|token|access_token)|(?:api_key|access_token|session)_(?:invalid|expired|revoked|disabled)|invalid_(?:grant|client|authentication)|refresh_token.*|signing_key.*)$/;
// Names that say no more than the status 401 does.
const UNAUTHORIZED =
  /^(?:unauthorized|authentication_error|authentication_failed|unauthenticated|auth_error)$/;
const REGION =
  /^(?:unsupported_country_region_territory|unsupported_country|unsupported_region|country_not_supported)$/;
const REQUEST =
  /^(?:mismatched_(?:organization|project)|invalid_(?:organization|project)|no_such_organization|missing_scopes?|insufficient_(?:scope|permissions)|context_length_exceeded|string_above_max_length|unsupported_(?:parameter|value)|invalid_(?:value|type|prompt|image.*|function_parameters|json)|unknown_parameter|missing_required_parameter|content_policy_violation|cyber_policy.*)$/;

// "Missing scopes: api.model.read": the key lacks a permission that this request needs, and serves others.
const REQUEST_WORDS =
  /\b(?:missing scopes?|insufficient (?:scopes?|permissions?)|mismatched organization)\b/i;
// "The 'gpt-6' model is not supported when using Codex with a ChatGPT account", "The model `gpt-6` does not exist or
// you do not have access to it". Not "'x' is not supported with this model", which is about a parameter: the model
// stands first.
const MODEL_WORDS =
  /\bmodel\b[^.\n]{0,120}?\b(?:not (?:supported|available|found|exist|enabled|included)|unavailable|do(?:es)? not have access|no access)\b/i;
const GENERIC_NAMES =
  /^(?:invalid_request(?:_error)?|bad_request|not_found(?:_error)?|forbidden|permission_(?:denied|error)|error|api_error|response\..+)$/;

/** What a refusal is about. */
export function subjectOf(refused: Refused): Finding {
  const { status, headers, details, isPage, isModelCall } = refused;
  const is = (about: Subject, code = byStatus(refused)): Finding => ({ about, code });
  const isRefusal = status === undefined || status < 500;
  if (isPage || headers.has("cf-mitigated")) {
    return is(isRefusal ? "address" : "upstream", "blocked_by_cdn");
  }
  const named = (isOne: NameTest) =>
    details.names.find((name) => {
      const spelled = withUnderscores(name);
      return isOne instanceof RegExp ? isOne.test(spelled) : isOne(spelled);
    });
  const isDenial = status === undefined || status === 401 || status === 403;
  const byName: readonly (readonly [about: Subject, names: NameTest, applies?: boolean])[] = [
    ["address", REGION],
    ["other_account", OTHER_ACCOUNT],
    ["quota", isQuotaCode],
    ["account", ACCOUNT, isRefusal],
    ["model", isModelCode, isRefusal],
    ["request", REQUEST],
    ["token", TOKEN, isDenial],
    ["token", UNAUTHORIZED, status === undefined || (status === 401 && isModelCall)],
    ["overload", OVERLOAD],
    ["burst", BURST, status !== 402],
  ];
  for (const [about, names, applies = true] of byName) {
    const name = applies ? named(names) : undefined;
    if (name === undefined) continue;
    return SPELLED.has(about) || OWN_NAME.test(name) ? is(about, withUnderscores(name)) : is(about);
  }
  if (isRefusal && REQUEST_WORDS.test(details.words)) return is("request");
  if (isModelCall && isModelStatus(status) && saysModel(details)) return is("model", "model_not_supported");
  if (isElsewhere(refused)) return is("other_account");
  return is(byNumber(refused));
}

const MISSING_STATUSES: readonly (number | undefined)[] = [undefined, 400, 403, 404, 422];

function isElsewhere({ status, details, namesAccountState }: Refused): boolean {
  if (!MISSING_STATUSES.includes(status) || !hasOnlyGenericNames(details)) return false;
  return ENCRYPTED_WORDS.test(details.words) || (namesAccountState && MISSING_WORDS.test(details.words));
}

function byNumber({ status: answered, details, isModelCall, namesAccountState }: Refused): Subject {
  const status = answered ?? details.status;
  if (status === 429 || details.status === 429) return "burst";
  if (status === 402) return "account";
  if (status === 401 || status === 403) return isModelCall ? "token" : "request";
  if (status === 404 && namesAccountState) return "other_account";
  if (status === 529) return "overload";
  return status !== undefined && status < 500 ? "request" : "upstream";
}

function isModelStatus(status: number | undefined): boolean {
  return status === undefined || status === 400 || status === 403 || status === 404;
}

function saysModel(details: ErrorDetails): boolean {
  return hasOnlyGenericNames(details) && MODEL_WORDS.test(details.words);
}

// Then its words count.
function hasOnlyGenericNames({ names }: ErrorDetails): boolean {
  return names.every((name) => GENERIC_NAMES.test(withUnderscores(name)));
}

// Gateways write `too-many-requests`.
function withUnderscores(name: string): string {
  return name.replaceAll("-", "_");
}

// Outcomes of these are told apart by their codes, all of which are listed.
const SPELLED: ReadonlySet<Subject> = new Set(["quota", "model"]);
// Other names are taken over only when they are written without dashes: a token may be words with dashes.
const OWN_NAME = /^(?!error$|response\.)[a-z_.]+$/;

/**
 * The name of a refusal whose name is not a known one. An outage goes by its number: what it calls itself is its own
 * affair.
 */
function byStatus({ status, details }: Refused): string {
  const own = details.names.find((name) => OWN_NAME.test(name));
  const number = status ?? details.status;
  if (number === undefined) return own ?? "response_failed";
  return own === undefined || number >= 500 ? `http_${number}` : own;
}
