/**
 * Micro-benchmark of the check of a chat request, beside `JSON.parse` of the same body, which the server pays as well.
 * Bodies are about 1 MiB, the largest that the server accepts by default. Run with `deno bench bench/`.
 *
 * To compare with another implementation, name a module that exports `parseChatRequest`. For the one before decision 22:
 *
 * ```sh
 * git show ab83daa:protocol/chat_request.ts > protocol/chat_request_before.ts
 * BEFORE=protocol/chat_request_before.ts deno bench --allow-env --allow-read bench/parse_chat_request_bench.ts
 * ```
 * @module
 */
import { parseChatRequest } from "../routes/parse_chat_request.ts";

const BODY_BYTES = 1024 * 1024;

const text = { type: "text", text: "a" };
const image = { type: "image_url", image_url: { url: "https://a.example/i" } };
const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };

const BODIES: Readonly<Record<string, unknown[]>> = {
  "1 message with one string": [{ role: "user", content: "x".repeat(BODY_BYTES - 100) }],
  "200 messages with one string each": messages({ role: "user", content: "x".repeat(BODY_BYTES / 200 - 40) }),
  "200 messages with 180 text parts each": messages({ role: "user", content: Array(180).fill(text) }),
  "200 messages with 80 image parts each": messages({ role: "user", content: Array(80).fill(image) }),
  "200 messages with 75 tool calls each": messages({ role: "assistant", tool_calls: Array(75).fill(call) }),
};

const path = Deno.env.get("BEFORE");
const before = path === undefined ? undefined : await import(new URL(path, `file://${Deno.cwd()}/`).href);

for (const [group, messages] of Object.entries(BODIES)) {
  const json = JSON.stringify({ model: "m", messages });
  const body = JSON.parse(json);

  Deno.bench({ name: "JSON.parse", group, baseline: true }, () => {
    expect(JSON.parse(json).messages.length, messages.length);
  });

  Deno.bench({ name: "parseChatRequest", group }, () => {
    expect(parseChatRequest(body).messages.length, messages.length);
  });

  if (before !== undefined) {
    Deno.bench({ name: "parseChatRequest before", group }, () => {
      expect(before.parseChatRequest(body).messages.length, messages.length);
    });
  }
}

/** As many messages as a request may have. */
function messages(message: unknown): unknown[] {
  return Array(200).fill(message);
}

/** Throws where a validator has lost messages: its time would not count. */
function expect(seen: number, messages: number): void {
  if (seen !== messages) throw new Error(`Cannot compare: ${seen} messages seen of ${messages}`);
}
