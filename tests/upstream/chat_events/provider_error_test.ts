/** Translating a provider's failures: type, status, message, and `Retry-After`. */
import { assert, assertEquals } from "@std/assert";
import type { ChatErrorType } from "../../../protocol/chat_error.ts";
import {
  DEFAULT_RETRY_AFTER_SECONDS,
  MAX_RETRY_AFTER_SECONDS,
  providerHttpError,
  providerStreamError,
  readRetryAfter,
} from "../../../upstream/chat_events/provider_error.ts";

const HTTP: readonly [type: ChatErrorType, status: number, body: unknown][] = [
  ["InvalidProviderAPIKey", 401, { error: { message: "Incorrect API key provided", code: "invalid_api_key" } }],
  ["InvalidProviderAPIKey", 401, { detail: "Unauthorized" }],
  ["InvalidProviderAPIKey", 401, undefined],
  ["InvalidProviderAPIKey", 400, { error: { message: "API key not valid", code: "invalid_api_key" } }],
  ["InsufficientQuota", 402, { error: { message: "Insufficient Balance" } }],
  ["InsufficientQuota", 429, { error: { message: "You exceeded your current quota", code: "insufficient_quota" } }],
  ["InsufficientQuota", 429, {
    error: { message: "You exceeded your current quota", type: "insufficient_quota", code: null },
  }],
  ["ModelNotFound", 404, { error: { message: "The model `x` does not exist", code: "model_not_found" } }],
  ["ModelNotFound", 404, { error: 'model "x" not found, try pulling it first' }],
  ["ProviderBizError", 404, undefined],
  ["ProviderBizError", 404, { detail: "Not Found" }],
  ["ExceededContextWindow", 400, { error: { message: "too long", code: "context_length_exceeded" } }],
  ["ExceededContextWindow", 400, { error: { message: "This model's maximum context length is 4096 tokens" } }],
  ["ExceededContextWindow", 400, {
    error: { message: "the request exceeds the available context size, try increasing it" },
  }],
  ["ExceededContextWindow", 413, { error: { message: "Prompt is too long" } }],
  ["ExceededContextWindow", 422, { message: "too many tokens" }],
  ["ProviderBizError", 500, { error: { message: "The context window service is down" } }],
  ["ProviderBizError", 400, { error: { message: "Unsupported parameter" } }],
  ["ProviderContentPolicyViolation", 400, { error: { message: "filtered", code: "content_filter" } }],
  // Anthropic
  ["InvalidProviderAPIKey", 401, {
    type: "error",
    error: { type: "authentication_error", message: "invalid x-api-key" },
  }],
  ["InvalidProviderAPIKey", 403, { type: "error", error: { type: "permission_error", message: "no" } }],
  ["InsufficientQuota", 400, {
    type: "error",
    error: { type: "invalid_request_error", message: "Your credit balance is too low to access the API." },
  }],
  ["ModelNotFound", 404, { type: "error", error: { type: "not_found_error", message: "model: claude-0" } }],
  ["ProviderBizError", 529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
  // Google
  ["InvalidProviderAPIKey", 400, [{ error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT" } }]],
  ["InvalidProviderAPIKey", 400, {
    error: { code: 400, message: "No.", status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }] },
  }],
  ["InvalidProviderAPIKey", 403, { error: { code: 403, message: "No.", status: "PERMISSION_DENIED" } }],
  ["ModelNotFound", 404, { error: { code: 404, message: "models/x is not found", status: "NOT_FOUND" } }],
  ["ExceededContextWindow", 400, {
    error: {
      message: "The input token count (9) exceeds the maximum number of tokens allowed (8).",
      status: "INVALID_ARGUMENT",
    },
  }],
  ["RateLimitExceeded", 429, [{ error: { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED" } }]],
  // xAI
  ["InvalidProviderAPIKey", 400, { code: "invalid-argument", error: "Incorrect API key provided." }],
  ["RateLimitExceeded", 429, undefined],
  ["RateLimitExceeded", 429, { error: { message: "slow down", code: "whatever" } }],
  ["ProviderBizError", 500, undefined],
  ["ProviderBizError", 503, "<html><h1>503</h1></html>"],
  ["ProviderBizError", 400, { error: { code: "__proto__", message: "x" } }],
  ["ProviderBizError", 400, { error: { code: "constructor", message: "x" } }],
];

for (const [type, status, body] of HTTP) {
  Deno.test(`providerHttpError returns ${type} for status ${status} with ${JSON.stringify(body)}`, () => {
    const error = providerHttpError(status, body, new Headers());
    assertEquals([error.type, error.body.status], [type, status]);
    assert(error.message.length > 0 && !error.message.includes("<"), error.message);
  });
}

const STREAM: readonly [type: ChatErrorType, value: unknown, message: string][] = [
  ["ProviderBizError", undefined, "The model provider reported an error."],
  ["ProviderBizError", null, "The model provider reported an error."],
  ["ProviderBizError", {}, "The model provider reported an error."],
  ["ProviderBizError", [], "The model provider reported an error."],
  ["ProviderBizError", true, "The model provider reported an error."],
  ["ProviderBizError", "out of memory", "out of memory"],
  ["ProviderBizError", [{ error: { code: 503, message: "Busy", status: "UNAVAILABLE" } }], "Busy"],
  [
    "RateLimitExceeded",
    { error: { status: "RESOURCE_EXHAUSTED", message: "x" } },
    "The model provider is receiving too many requests. Please try again later.",
  ],
  ["ProviderBizError", { detail: [{ loc: ["body", "tools", 0], msg: "wrong" }, "late"] }, "body.tools.0: wrong; late"],
  ["ProviderBizError", { detail: { message: "busy" } }, "busy"],
  ["ProviderBizError", " <html><body>Bad Gateway</body></html>", "The model provider reported an error."],
  ["ProviderBizError", { error: "out of memory" }, "out of memory"],
  ["ProviderBizError", { error: { message: "out of memory" } }, "out of memory"],
  ["ProviderBizError", { error: true, message: "out of memory" }, "out of memory"],
  ["ProviderBizError", { message: "out of memory" }, "out of memory"],
  ["ProviderBizError", { detail: "out of memory" }, "out of memory"],
  ["ProviderBizError", { detail: [{ loc: ["body"], msg: "field required" }] }, "body: field required"],
  ["ProviderBizError", { error: { message: { deep: true } } }, "The model provider reported an error."],
  [
    "ProviderBizError",
    { error: { message: "<!doctype html><title>502</title>" } },
    "The model provider reported an error.",
  ],
  [
    "ProviderBizError",
    { error: { message: "Upstream said: <HTML><h1>502</h1>" } },
    "The model provider reported an error.",
  ],
  ["ProviderBizError", { error: { message: "a < b and <tool> is unknown" } }, "a < b and <tool> is unknown"],
  ["ProviderBizError", { error: { message: " " }, message: "out of memory" }, "out of memory"],
  ["ProviderBizError", { error: { message: "Key sk-abcdefghijkl broke" } }, "Key [redacted] broke"],
  [
    "RateLimitExceeded",
    { error: { code: 429, message: "x" } },
    "The model provider is receiving too many requests. Please try again later.",
  ],
  [
    "RateLimitExceeded",
    { error: { code: "429", message: "x" } },
    "The model provider is receiving too many requests. Please try again later.",
  ],
  [
    "InvalidProviderAPIKey",
    { error: { status_code: 401, message: "sk-abcdefghijkl" } },
    "The model provider refused this server's API key.",
  ],
  [
    "InsufficientQuota",
    { code: 1008, message: "insufficient balance" },
    "The account at the model provider has no quota left.",
  ],
  ["InvalidProviderAPIKey", { code: 2049, message: "x" }, "The model provider refused this server's API key."],
  ["ExceededContextWindow", { code: 1039, message: "token limit" }, "token limit"],
  [
    "ExceededContextWindow",
    { error: { code: 400, message: "maximum context length is 8" } },
    "maximum context length is 8",
  ],
];

for (const [type, value, message] of STREAM) {
  Deno.test(`providerStreamError returns ${type} for ${JSON.stringify(value)}`, () => {
    const error = providerStreamError(value);
    assertEquals([error.type, error.message], [type, message]);
    assertEquals(error.retryAfterSeconds, undefined);
  });
}

const CODES: readonly [code: unknown, kept: string | number | undefined][] = [
  ["tool_use_failed", "tool_use_failed"],
  [418, 418],
  ["", undefined],
  ["a sentence is no code", undefined],
  ["<script>", undefined],
  ["sk-abcdefghijkl", undefined],
  ["x".repeat(65), undefined],
  [{}, undefined],
  [NaN, undefined],
];

for (const [code, kept] of CODES) {
  Deno.test(`providerStreamError ${kept === undefined ? "drops" : "keeps"} the code ${JSON.stringify(code)}`, () => {
    assertEquals(providerStreamError({ error: { message: "x", code } }).body.code, kept);
  });
}

for (
  const [value, status] of [[400, 400], [599, 599], [399, undefined], [600, undefined], ["500", undefined]] as const
) {
  Deno.test(`providerStreamError ${status === undefined ? "drops" : "keeps"} the status ${JSON.stringify(value)}`, () => {
    assertEquals(providerStreamError({ error: { message: "x", status_code: value } }).body.status, status);
    assertEquals(providerStreamError({ message: "x", status_code: value }).body.status, status);
  });
}

/** Fri, 29 Sep 2023 16:26:37 GMT */
const NOW = 1_696_004_797_000;

const WAITS: readonly [headers: Record<string, string>, seconds: number | undefined][] = [
  [{}, undefined],
  [{ "retry-after": "3" }, 3],
  [{ "retry-after": " 3 " }, 3],
  [{ "retry-after": "0.2" }, 1],
  [{ "retry-after": "0" }, undefined],
  [{ "retry-after": "-5" }, undefined],
  [{ "retry-after": "" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "1e3" }, undefined],
  [{ "retry-after": "Infinity" }, undefined],
  [{ "retry-after": "99999999999" }, undefined],
  [{ "retry-after": String(MAX_RETRY_AFTER_SECONDS) }, MAX_RETRY_AFTER_SECONDS],
  [{ "retry-after": "Fri, 29 Sep 2023 16:26:57 GMT" }, 20],
  [{ "retry-after": "Fri, 29 Sep 2023 16:26:27 GMT" }, undefined],
  [{ "retry-after": "Fri, 99 Sep 2023 99:99:99 GMT" }, undefined],
  [{ "retry-after": "2023-09-29T16:26:57Z" }, undefined],
  [{ "retry-after-ms": "1500" }, 2],
  [{ "retry-after-ms": "1500", "retry-after": "9" }, 2],
  [{ "retry-after-ms": "x", "retry-after": "9" }, 9],
];

for (const [headers, seconds] of WAITS) {
  Deno.test(`readRetryAfter returns ${seconds} for ${JSON.stringify(headers)}`, () => {
    assertEquals(readRetryAfter(new Headers(headers), NOW), seconds);
  });
}

Deno.test("providerHttpError sets retryAfterSeconds only when the status is 429, with a default", () => {
  const headers = new Headers({ "retry-after": "7" });
  assertEquals(providerHttpError(429, undefined, headers).retryAfterSeconds, 7);
  assertEquals(providerHttpError(429, undefined, new Headers()).retryAfterSeconds, DEFAULT_RETRY_AFTER_SECONDS);
  assertEquals(providerHttpError(400, undefined, headers).retryAfterSeconds, undefined);
});

Deno.test("providerHttpError takes the wait from the body of Google's APIs when no header names one", () => {
  const body = [{ error: { code: 429, message: "x", details: [{ links: [] }, { retryDelay: "48.9s" }] } }];
  assertEquals(providerHttpError(429, body, new Headers()).retryAfterSeconds, 49);
  assertEquals(providerHttpError(429, body, new Headers({ "retry-after": "3" })).retryAfterSeconds, 3);
});
