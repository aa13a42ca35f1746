/** What redact removes from a provider's message, and what it keeps. */
import { assert, assertEquals } from "@std/assert";
import { MAX_PROVIDER_MESSAGE_CHARS, redact } from "../../../upstream/chat_events/redact.ts";

const KEYS = [
  "sk-abcdefghijkl",
  "sk-proj-AbCd_1234-efGH5678",
  "sk-ant-api03-AAAA_bbbb-CCCC",
  "sk-or-v1-0123456789abcdef",
  "sk-****************cdef",
  "gsk_AbCdEfGhIjKlMnOp",
  "xai-AbCdEfGhIjKl",
  "pplx-0123456789abcdef",
  "nvapi-AbCd-1234_5678",
  "hf_AbCdEfGhIjKl",
  "r8_AbCdEfGh1234",
  "ghp_AbCdEfGhIjKl",
  "glpat-AbCdEfGh1234",
  "xoxb-1234567890-abcdef",
  "csk-abcdefgh1234",
  "fw_AbCdEfGh1234",
  "tgp_v1_AbCdEfGh1234",
  "AKIAABCDEFGHIJKLMNOP",
  "AIzaSyA-1234567890abcdefghijklmnopqrstu",
  "dapi0123456789abcdef0123456789abcdef",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
  "0123456789abcdef0123456789abcdef",
  "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
  "123e4567-e89b-12d3-a456-426614174000",
];

for (const key of KEYS) {
  Deno.test(`redact removes ${key.slice(0, 8)}… anywhere in a message`, () => {
    for (
      const [before, after] of [["Incorrect API key provided: ", "."], ["", ""], ["(", ")"], ['{"key": "', '"}'], [
        "a\n",
        "\tb",
      ], ["for key=", " and more"]]
    ) {
      const message = redact(`${before}${key}${after}`);
      assert(message.includes("[redacted]"), message);
      for (const part of key.split(/[^A-Za-z0-9]+/).filter((part) => part.length > 5)) {
        assert(!message.includes(part), message);
      }
    }
  });
}

const VALUES: readonly [message: string, redacted: string][] = [
  ["Authorization: Bearer abc.def", "Authorization: [redacted]"],
  ["bearer tok", "[redacted]"],
  ["?api_key=abc&model=m", "?api_key=[redacted]&model=m"],
  ['{"api-key":"abc"}', '{"api-key":"[redacted]"}'],
  ["Incorrect API key provided: none.", "Incorrect API key provided: [redacted]"],
  ["Incorrect key: bad-key-**********test.", "Incorrect key: [redacted]."],
  ["cannot reach http://ann:hunter2@10.0.0.1:80/v1", "cannot reach http://[redacted]@10.0.0.1:80/v1"],
  ["access_token: abc, x", "access_token: [redacted], x"],
  ["password = hunter2 wrong", "password = [redacted] wrong"],
  ["Project `proj_AbCdEfGhIjKlMnOp` has no access", "Project `[redacted]` has no access"],
  ["in organization org-AbCdEfGhIjKl on tokens", "in organization [redacted] on tokens"],
  ["your api key is abcdef0123456789", "your api key is [redacted]"],
];

for (const [message, redacted] of VALUES) {
  Deno.test(`redact removes the value in ${message}`, () => assertEquals(redact(message), redacted));
}

const LEFT_ALONE = [
  "",
  "Token limit reached",
  "The model `gpt-4o-mini-2024-07-18` does not exist",
  "The model `accounts/fireworks/models/llama-v3p1-405b-instruct` does not exist",
  "The model `gpt-4o-mini-search-preview-2025-03-11` needs a_rather_long_parameter_name_of_version_2",
  "meta-llama/Llama-3.3-70B-Instruct-Turbo is overloaded",
  "This model's maximum context length is 131072 tokens. However, you requested 131090 tokens.",
  "Skipping the skeleton of keystrokes and keywords by a skillful sketcher; hfast, fwd, r8ting",
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
  "see https://example.com:8080/a@b and **this** or 2 *** 3",
  "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after",
  "Rate limit reached for organization, requests per min (RPM): Limit 3, Used 3",
  "L'entrée dépasse la limite 漢字 👍",
];

for (const message of LEFT_ALONE) {
  Deno.test(`redact does not change: ${message.slice(0, 50)}`, () => assertEquals(redact(message), message));
}

Deno.test("redact returns one line without control characters", () => {
  assertEquals(redact("\r\n a\r\nb\0c\x1b[31md\t\te \n"), "a b c [31md e");
});

Deno.test("redact cuts a long message without splitting a character", () => {
  for (const start of ["", "x"]) {
    const message = redact(start + "👍".repeat(MAX_PROVIDER_MESSAGE_CHARS));
    assert(message.length <= MAX_PROVIDER_MESSAGE_CHARS && message.endsWith("…"));
    assert(message.isWellFormed());
  }
});

Deno.test("redact does not cut a message of the longest length", () => {
  const message = "ab ".repeat(MAX_PROVIDER_MESSAGE_CHARS).slice(0, MAX_PROVIDER_MESSAGE_CHARS - 1) + ".";
  assertEquals(redact(message), message);
});

Deno.test("redact removes every part of a key when the message is cut inside it", () => {
  for (let before = 0; before <= 2 * MAX_PROVIDER_MESSAGE_CHARS; before++) {
    const message = redact(`${"a ".repeat(before)}sk-SECRETSECRETSECRET`);
    assert(!message.includes("SECRET"), `${before}: ${message.slice(-40)}`);
  }
});

Deno.test("redact ends when a message is hostile to its patterns", () => {
  for (const part of ["sk-", "a-", "key-*", "eyJ", "eyJaaaaaa.", "Bearer ", "token ", "_", "0a"]) {
    assert(redact(part.repeat(1_000_000)).length <= MAX_PROVIDER_MESSAGE_CHARS);
  }
});
