/** Gemini's streams: each fixture shows one peculiarity. */
import { gemini } from "../../../upstream/gemini/gemini.ts";
import { testFixtures } from "../dialect_fixtures.ts";

testFixtures(gemini, "gemini", {
  "array-instead-of-a-stream": { text: 'A: "b"\n{c}', stop: "stop" },
  "call-without-id-or-arguments": { calls: [["made", "now", "{}", "gemini:QUJD"]], stop: "tool_calls" },
  "citations-that-grow": {
    text: "AB",
    grounding: { citations: [{ url: "https://a.example/" }, { title: "B", url: "https://b.example/" }] },
    stop: "stop",
  },
  "code-execution": { text: "One.", reasoning: "\n\n```python\nprint(1)\n```\n\n\n\n```\n1\n```\n\n", stop: "stop" },
  "code-with-odd-language": { reasoning: "\n\n```\nx\n```\n\n", stop: "stop" },
  "cut-between-events": { text: "AB", error: ["StreamChunkError", "unexpected_end"] },
  "cut-inside-of-an-event": { text: "A", error: ["StreamChunkError", "unexpected_end"] },
  "empty": { error: ["StreamChunkError", "unexpected_end"] },
  "error-after-text": { text: "A", error: ["ProviderBizError"] },
  "error-as-bare-json-without-line-end": { text: "A", error: ["ProviderBizError"] },
  "error-as-bare-json": { text: "A", error: ["ProviderBizError"] },
  "error-in-array": { text: "A", error: ["RateLimitExceeded"] },
  "fastapi-detail": { error: ["ProviderBizError"] },
  "finish-reason-in-each-chunk": { text: "ABC", error: ["ProviderContentPolicyViolation", "SAFETY"] },
  "grounding-supports": {
    text: "Grüße 👋. 漢字。End.",
    grounding: {
      citations: [{ title: "A", url: "https://a.example/" }, { url: "https://b.example/" }],
      marks: [{ end: 9, citations: [0, 1] }, { end: 13, citations: [1, 0] }],
    },
    stop: "stop",
  },
  "grounding-supports-of-later-part": {
    text: "AéB",
    reasoning: "\n\n```python\n1\n```\n\n",
    grounding: {
      citations: [{ title: "A", url: "https://a.example/" }, { url: "https://b.example/" }],
      marks: [{ end: 2, citations: [0] }, { end: 3, citations: [1] }],
    },
    stop: "stop",
  },
  "grounding-supports-of-parts": {
    text: "Grüße 👋, Welt!",
    reasoning: "HmmHm",
    images: ["data:image/png;base64,QUJD"],
    grounding: {
      citations: [{ title: "A", url: "https://a.example/" }, { title: "B", url: "https://b.example/" }],
      marks: [{ end: 5, citations: [0] }, { end: 8, citations: [0, 1] }, { end: 14, citations: [1] }, {
        end: 15,
        citations: [0],
      }],
    },
    stop: "stop",
  },
  "grounding-twice-the-same": {
    text: "AB",
    grounding: { citations: [{ title: "A", url: "https://a.example/" }], searchQueries: ["q"] },
    stop: "stop",
  },
  "image-and-draft": { text: "Here:", images: ["data:image/jpeg;base64,/+AA"], stop: "stop" },
  "malformed-call": { error: ["ProviderBizError", "MALFORMED_FUNCTION_CALL"] },
  "no-candidate-index": { text: "A", stop: "stop" },
  "other-finish-reason": { text: "A", stop: "other" },
  "parallel-calls-one-signature": {
    calls: [["f1", "add", '{"a":1}', "gemini:QUJD"], ["f2", "add", '{"a":2}']],
    stop: "tool_calls",
  },
  "prompt-blocked-without-blank-line": {
    usage: { totalInputTokens: 3, totalTokens: 3 },
    error: ["ProviderContentPolicyViolation", "PROHIBITED_CONTENT"],
  },
  "recitation": {
    text: "To be",
    usage: { totalInputTokens: 3, totalOutputTokens: 2, totalTokens: 5, outputTextTokens: 2 },
    error: ["ProviderContentPolicyViolation", "RECITATION"],
  },
  "safety-after-text": { text: "No", error: ["ProviderContentPolicyViolation", "SAFETY"] },
  "same-call-id-twice": { calls: [["x", "a", "{}"], ["made", "b", "{}"]], stop: "tool_calls" },
  "signature-on-empty-text": { text: "Yes.", signature: "gemini:QUJD", stop: "stop" },
  "streamed-arguments-at-token-limit": { stop: "length" },
  "streamed-arguments-cut": { text: "Saving", error: ["StreamChunkError", "unexpected_end"] },
  "streamed-arguments-distant-item": { error: ["StreamChunkError", "invalid_json"] },
  "streamed-arguments": {
    calls: [["s1", "save", '{"title":"Hello","list":[{"a b":1.5},null],"__proto__":{"x":true}}'], [
      "made",
      "ping",
      "{}",
    ]],
    stop: "tool_calls",
  },
  "text-usage-in-each-chunk": {
    text: "Grüße 👋",
    usage: { totalInputTokens: 4, totalOutputTokens: 3, totalTokens: 7, outputTextTokens: 3 },
    stop: "stop",
  },
  "thoughts-then-text": {
    text: "Three.",
    reasoning: "Count. Check.",
    usage: {
      totalInputTokens: 5,
      totalOutputTokens: 22,
      totalTokens: 27,
      outputTextTokens: 2,
      outputReasoningTokens: 20,
    },
    stop: "stop",
  },
  "token-limit": { text: "Once upon", stop: "length" },
  "two-candidates": { text: "AB", stop: "stop" },
  "unknown-parts-and-events": { text: "A", stop: "stop" },
  "unreadable-event": { text: "A", error: ["StreamChunkError", "invalid_json"] },
  "usage-of-tools": {
    text: "A",
    usage: {
      totalInputTokens: 264,
      totalOutputTokens: 221,
      totalTokens: 485,
      outputTextTokens: 126,
      outputReasoningTokens: 95,
    },
    stop: "stop",
  },
  "vertex-empty-usage": {
    text: "A",
    usage: {
      totalInputTokens: 10,
      totalOutputTokens: 2,
      totalTokens: 12,
      inputTextTokens: 7,
      inputImageTokens: 3,
      inputCachedTokens: 8,
      inputCacheMissTokens: 2,
      outputTextTokens: 2,
    },
    stop: "stop",
  },
});
