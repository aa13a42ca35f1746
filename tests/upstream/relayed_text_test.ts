/**
 * The text of relayed responses is counted in every shape that OpenAI's APIs have, however the bytes are cut.
 * @module
 */
import { assertEquals } from "@std/assert";
import { RelayedText } from "../../upstream/relayed_text.ts";
import { contentChunk, sse } from "../fake_openai.ts";

const LONG = "x".repeat(100_000);

const CASES: readonly [name: string, response: string, bytes: number][] = [
  ["chat completion chunks", sse(contentChunk("Hello"), contentChunk("ü漢"), "[DONE]").join(""), 10],
  ["a whole chat completion", JSON.stringify({ choices: [{ message: { role: "assistant", content: "Hello" } }] }), 5],
  ["indented JSON", JSON.stringify({ choices: [{ message: { content: "Hello" } }] }, null, 2), 5],
  ["text with quotes and backslashes as it is escaped", String.raw`{"content":"\"a\\\""}`, 7],
  ["reasoning and arguments", `{"reasoning_content":"ab","function":{"arguments":"{}"}}`, 4],
  [
    "the deltas of the Responses API once",
    sse(
      { type: "response.output_text.delta", delta: "Hello" },
      { type: "response.output_text.done", text: "Hello" },
      { type: "response.completed", response: { output: [{ content: [{ type: "output_text", text: "Hello" }] }] } },
    ).join(""),
    5,
  ],
  ["a line that is too long to be kept", `{"content":"${LONG}`, LONG.length],
  [
    "a long repetition as nothing",
    sse({ type: "response.completed", response: { text: LONG } }, contentChunk("Hello")).join(""),
    5,
  ],
  ["nothing in numbers", `{"data":[{"embedding":[${"0.1,".repeat(1000)}1]}]}`, 0],
];

for (const [name, response, bytes] of CASES) {
  Deno.test(`RelayedText counts ${name}, however it is cut`, () => {
    for (const size of [response.length, 1009, 7, 1]) {
      const text = new RelayedText();
      for (let at = 0; at < response.length; at += size) text.push(response.slice(at, at + size));
      text.end();
      assertEquals(text.bytes, bytes);
    }
  });
}
