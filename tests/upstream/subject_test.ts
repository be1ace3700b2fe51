import assert from "node:assert/strict";
import { errorDetails } from "../../src/upstream/error_details.ts";
import { type Finding, type Refused, subjectOf } from "../../src/upstream/subject.ts";

function finding(status: number | undefined, body: unknown, overrides: Partial<Refused> = {}): Finding {
  const given = { headers: new Headers(), isPage: false, isModelCall: true, namesAccountState: false };
  return subjectOf({ ...given, status, details: errorDetails(body), ...overrides });
}

const ELSEWHERE = { isModelCall: false };
const NAMES_STATE = { namesAccountState: true };
const GPT6 = "The 'gpt-6' model is not supported when using Codex with a ChatGPT account.";

type Row = readonly [
  what: string,
  status: number | undefined,
  body: unknown,
  expected: string,
  overrides?: Partial<Refused>,
];

/** `expected` is `about code`. */
const ROWS: readonly Row[] = [
  ["a revoked token", 401, { error: { code: "token_revoked" } }, "token token_revoked"],
  [
    "an unknown API key",
    401,
    { error: { code: "invalid_api_key", type: "invalid_request_error" } },
    "token invalid_api_key",
  ],
  ["a 401 without a name", 401, {}, "token http_401"],
  ["a known name with dashes", 429, { error: { code: "too-many-requests" } }, "burst http_429"],
  ["a known quota with dashes", 429, { error: { code: "usage-limit-reached" } }, "quota usage_limit_reached"],
  ["what may be a token of words", 401, { error: { code: "token-of-work" } }, "token http_401"],
  ["a 401 in plain text", 401, "Unauthorized", "token http_401"],
  ["a 401 that says no more than its status", 401, { detail: "unauthorized" }, "token unauthorized"],
  [
    "a foreign organization",
    401,
    { error: { code: "mismatched_organization" } },
    "request mismatched_organization",
  ],
  [
    "missing scopes",
    401,
    { error: { message: "Missing scopes: api.model.read" } },
    "request http_401",
    ELSEWHERE,
  ],
  ["missing scopes on a model call", 403, {
    error: { message: "You have insufficient permissions. Missing scopes: x" },
  }, "request http_403"],
  ["missing scopes in an outage", 500, { error: { message: "Missing scopes: x" } }, "upstream http_500"],
  [
    "missing scopes in an event",
    undefined,
    { error: { message: "Missing scopes: x" } },
    "request response_failed",
  ],
  ["missing scopes for a model", 400, {
    error: { message: "Missing scopes: the model gpt-6 is not available" },
  }, "request http_400"],
  ["a revoked token as 403", 403, { error: { code: "token_revoked" } }, "token token_revoked", ELSEWHERE],
  ["a revoked token as 404", 404, { error: { code: "token_revoked" } }, "request token_revoked"],
  ["a revoked token as 402", 402, { error: { code: "token_revoked" } }, "account token_revoked"],
  ["a revoked token in an event", undefined, { error: { code: "token_revoked" } }, "token token_revoked"],
  ["the words of a refused model as 403", 403, { detail: GPT6 }, "model model_not_supported"],
  ["the words of a refused model as 404", 404, { detail: GPT6 }, "model model_not_supported"],
  [
    "the words of a refused model in an event",
    undefined,
    { error: { message: GPT6 } },
    "model model_not_supported",
  ],
  ["the words of a refused model as 422", 422, { detail: GPT6 }, "request http_422"],
  ["the words of a refused model elsewhere", 404, { detail: GPT6 }, "request http_404", ELSEWHERE],
  ["encrypted content that is unknown, as 404", 404, {
    error: { message: "The encrypted content gAAA could not be decrypted." },
  }, "other_account http_404"],
  ["encrypted content that is unknown, as 409", 409, {
    error: { message: "The encrypted content gAAA could not be decrypted." },
  }, "request http_409"],
  ["no login in an event", undefined, { error: { code: "unauthorized" } }, "token unauthorized", ELSEWHERE],
  ["no login elsewhere", 401, { error: { code: "unauthorized" } }, "request unauthorized", ELSEWHERE],
  ["a 401 on a path that the backend lacks", 401, {}, "request http_401", ELSEWHERE],
  ["a nameless 403 elsewhere", 403, {}, "request http_403", ELSEWHERE],
  ["an unauthorized elsewhere", 401, { detail: "unauthorized" }, "request unauthorized", ELSEWHERE],
  ["a revoked token elsewhere", 401, { error: { code: "token_revoked" } }, "token token_revoked", ELSEWHERE],
  [
    "a closed account elsewhere",
    403,
    { error: { code: "account_deactivated" } },
    "account account_deactivated",
    ELSEWHERE,
  ],
  ["a closed account", 403, { error: { code: "account_deactivated" } }, "account account_deactivated"],
  ["a dead workspace", 402, { error: { code: "deactivated_workspace" } }, "account deactivated_workspace"],
  [
    "a dead workspace under detail",
    402,
    { detail: { code: "deactivated_workspace" } },
    "account deactivated_workspace",
  ],
  [
    "a dead workspace as 403",
    403,
    { detail: { code: "deactivated_workspace" } },
    "account deactivated_workspace",
  ],
  ["missing payment", 402, {}, "account http_402"],
  ["a used up quota as 402", 402, { error: { code: "insufficient_quota" } }, "quota insufficient_quota"],
  ["a used up quota", 429, { error: { type: "usage_limit_reached" } }, "quota usage_limit_reached"],
  ["a used up quota as 403", 403, { error: { type: "usage_limit_reached" } }, "quota usage_limit_reached"],
  [
    "a member's limit",
    429,
    { error: { type: "workspace_member_usage_limit_reached" } },
    "quota workspace_member_usage_limit_reached",
  ],
  ["a burst", 429, {}, "burst http_429"],
  [
    "a burst with a name",
    429,
    { error: { code: "rate_limit_exceeded", type: "requests" } },
    "burst rate_limit_exceeded",
  ],
  ["a burst as rate_limit_error", 429, { error: { type: "rate_limit_error" } }, "burst rate_limit_error"],
  ["a burst as 400 that says 429 only in its body", 400, { error: { status: 429 } }, "burst http_400"],
  ["a burst as 400", 400, { error: { code: "rate_limit_exceeded" } }, "burst rate_limit_exceeded"],
  ["a burst in an event", undefined, { error: { code: "rate_limit_exceeded" } }, "burst rate_limit_exceeded"],
  ["an event with status 429 alone", undefined, { type: "error", status: 429 }, "burst http_429"],
  [
    "an event with status_code 429",
    undefined,
    { error: { status_code: 429, message: "m" } },
    "burst http_429",
  ],
  ["an event with code 429", undefined, { error: { code: "429" } }, "burst http_429"],
  ["too_many_requests", undefined, { error: { type: "too_many_requests" } }, "burst too_many_requests"],
  ["a list of errors", undefined, [{ error: { code: "rate_limit_exceeded" } }], "burst rate_limit_exceeded"],
  ["a model not for ChatGPT accounts", 400, { detail: GPT6 }, "model model_not_supported"],
  [
    "the same in an error",
    400,
    { error: { message: GPT6, type: "invalid_request_error" } },
    "model model_not_supported",
  ],
  ["model_not_found", 404, { error: { code: "model_not_found" } }, "model model_not_found"],
  ["model_not_found as 403", 403, { error: { code: "model_not_found" } }, "model model_not_found"],
  ["no access to a model", 404, {
    error: { message: "The model `gpt-6` does not exist or you do not have access to it." },
  }, "model model_not_supported"],
  ["a parameter that a model lacks", 400, {
    error: { code: "unsupported_parameter", message: "'temperature' is not supported with this model." },
  }, "request unsupported_parameter"],
  [
    "the same without a name",
    400,
    { error: { message: "'temperature' is not supported with this model." } },
    "request http_400",
  ],
  [
    "foreign encrypted content",
    400,
    { error: { code: "invalid_encrypted_content" } },
    "other_account invalid_encrypted_content",
  ],
  ["foreign encrypted content in an event", undefined, {
    response: { error: { code: "invalid_encrypted_content" } },
  }, "other_account invalid_encrypted_content"],
  [
    "an unknown previous response",
    400,
    { error: { code: "previous_response_not_found" } },
    "other_account previous_response_not_found",
  ],
  ["an unknown id", 404, { error: { message: "not found" } }, "other_account http_404", {
    isModelCall: false,
    namesAccountState: true,
  }],
  ["an unknown path", 404, {}, "request http_404"],
  [
    "an unknown response without a code",
    400,
    {
      error: { message: "Previous response with id 'resp_1' not found.", type: "invalid_request_error" },
    },
    "other_account invalid_request_error",
    NAMES_STATE,
  ],
  [
    "an unknown response in an event",
    undefined,
    {
      error: { message: "Previous response with id 'resp_1' not found.", code: "invalid_request_error" },
    },
    "other_account invalid_request_error",
    NAMES_STATE,
  ],
  [
    "an unknown file",
    400,
    { error: { message: "No such File object: file-1" } },
    "other_account http_400",
    NAMES_STATE,
  ],
  [
    "a file of another account",
    403,
    { detail: "You do not have access to this file" },
    "other_account http_403",
    NAMES_STATE,
  ],
  [
    "an unknown batch",
    404,
    { error: { message: "No batch found with id 'batch_1'." } },
    "other_account http_404",
    {
      ...NAMES_STATE,
      isModelCall: false,
    },
  ],
  [
    "an unknown vector store under a name with dashes",
    400,
    { error: { code: "not-found", message: "Vector store with id ['vs_1'] not found." } },
    "other_account http_400",
    NAMES_STATE,
  ],
  [
    "an unknown vector store",
    400,
    { error: { message: "Vector store with id ['vs_1'] not found." } },
    "other_account http_400",
    NAMES_STATE,
  ],
  [
    "an unknown conversation",
    422,
    { detail: "Conversation conv_1 does not exist" },
    "other_account http_422",
    NAMES_STATE,
  ],
  [
    "an unknown container",
    400,
    "Container cntr_1 was not found, or belongs to another organization",
    "other_account http_400",
    NAMES_STATE,
  ],
  [
    "an unknown item",
    400,
    { error: { message: "Item with id 'rs_1' not found." } },
    "other_account http_400",
    NAMES_STATE,
  ],
  ["an unknown file by its code", 404, { error: { code: "file_not_found" } }, "other_account file_not_found"],
  [
    "an unknown container by its code",
    400,
    { error: { code: "container_not_found" } },
    "other_account container_not_found",
  ],
  ["an unknown item without an id in the request", 404, {
    error: { message: "Item with id 'rs_1' not found." },
  }, "request http_404"],
  [
    "a missing tool output",
    400,
    {
      error: { message: "No tool output found for function call call_1.", type: "invalid_request_error" },
    },
    "request invalid_request_error",
    NAMES_STATE,
  ],
  [
    "a tool that is not listed",
    400,
    { error: { message: "Tool 'x' not found in 'tools' parameter." } },
    "request http_400",
    NAMES_STATE,
  ],
  [
    "a parameter beside an id",
    400,
    { error: { message: "Unknown parameter: 'file'", code: "unknown_parameter" } },
    "request unknown_parameter",
    NAMES_STATE,
  ],
  [
    "a missing model beside an id",
    404,
    {
      error: { message: "The model `gpt-6` does not exist or you do not have access to it." },
    },
    "model model_not_supported",
    NAMES_STATE,
  ],
  [
    "no login under the type of a burst",
    401,
    { error: { code: "unauthorized", type: "requests" } },
    "token unauthorized",
  ],
  [
    "the same as 403, where it is no more than a name",
    403,
    { error: { code: "unauthorized", type: "requests" } },
    "burst requests",
  ],
  ["a dead token beside an id", 401, {}, "token http_401", NAMES_STATE],
  ["a nameless 403 beside an id", 403, {}, "token http_403", NAMES_STATE],
  [
    "an outage beside an id",
    500,
    { error: { message: "Response not found" } },
    "upstream http_500",
    NAMES_STATE,
  ],
  ["foreign encrypted content without a code", 400, {
    error: {
      message: "The encrypted content for item rs_1 could not be verified. Reason: Encrypted content " +
        "organization_id did not match the target organization.",
      type: "invalid_request_error",
    },
  }, "other_account invalid_request_error"],
  ["encrypted content that cannot be decrypted, in an event", undefined, {
    error: { message: "The encrypted content gAAA could not be decrypted." },
  }, "other_account response_failed"],
  ["a long request", 400, { error: { code: "context_length_exceeded" } }, "request context_length_exceeded"],
  [
    "a long request in an event",
    undefined,
    { response: { error: { code: "context_length_exceeded" } } },
    "request context_length_exceeded",
  ],
  ["any other 4xx", 422, { detail: [{ msg: "field required", type: "missing" }] }, "request missing"],
  ["a page of the CDN", 403, "<html>", "address blocked_by_cdn", { isPage: true }],
  ["a 429 page of the CDN", 429, "<html>1015", "address blocked_by_cdn", { isPage: true }],
  ["a 5xx page", 502, "<html>", "upstream blocked_by_cdn", { isPage: true }],
  ["a challenge", 403, {}, "address blocked_by_cdn", {
    headers: new Headers({ "cf-mitigated": "challenge" }),
  }],
  [
    "a region that is not served",
    403,
    { error: { code: "unsupported_country_region_territory" } },
    "address unsupported_country_region_territory",
  ],
  ["an overload", 503, { error: { code: "server_is_overloaded" } }, "overload server_is_overloaded"],
  [
    "an overload in an event",
    undefined,
    { response: { error: { code: "server_is_overloaded" } } },
    "overload server_is_overloaded",
  ],
  ["a model in an outage", 500, { error: { code: "model_not_found" } }, "upstream http_500"],
  [
    "an account in an event",
    undefined,
    { error: { code: "account_deactivated" } },
    "account account_deactivated",
  ],
  ["a model in an event", undefined, { error: { code: "model_not_found" } }, "model model_not_found"],
  ["a page in an event", undefined, "<html>", "address blocked_by_cdn", { isPage: true }],
  ["a page with the first of the outages", 500, "<html>", "upstream blocked_by_cdn", { isPage: true }],
  ["a burst as 402", 402, { error: { code: "rate_limit_exceeded" } }, "account rate_limit_exceeded"],
  ["a burst as 403", 403, { error: { code: "rate_limit_exceeded" } }, "burst rate_limit_exceeded"],
  ["an outage", 503, {}, "upstream http_503"],
  ["an outage with a name", 500, { error: { type: "server_error" } }, "upstream http_500"],
  [
    "an outage that mentions an account",
    500,
    { error: { code: "account_service_down" } },
    "upstream http_500",
  ],
  [
    "a failure with a name of its own",
    undefined,
    { response: { error: { code: "server_error" } } },
    "upstream server_error",
  ],
  ["a failure without a word", undefined, {}, "upstream response_failed"],
  ["a nameless 403 on a model call", 403, { error: { message: "Forbidden" } }, "token http_403"],
];

for (const [what, status, body, expected, overrides] of ROWS) {
  Deno.test(`subjectOf() judges ${what}`, () => {
    const { about, code } = finding(status, body, overrides);
    assert.equal(`${about} ${code}`, expected);
  });
}

/** `[first words, last words, how far they may be apart, what they are about]` */
const SENTENCES: readonly (readonly [first: string, last: string, apart: number, about: string])[] = [
  ["Model", "not found", 120, "model"],
  ["Response", "not found", 160, "other_account"],
  ["Encrypted content", "did not match", 300, "other_account"],
];

for (const [first, last, apart, about] of SENTENCES) {
  Deno.test(`subjectOf() reads "${first} … ${last}" as one sentence up to ${apart} characters apart`, () => {
    const aboutAt = (distance: number) =>
      finding(400, `${first} ${"x".repeat(distance - 2)} ${last}`, NAMES_STATE).about;
    assert.deepEqual([2, apart, apart + 1].map(aboutAt), [about, about, "request"]);
  });
}
