/**
 * Micro-benchmark of the dialects, of providers and of clients: 2,000 chunks of text through the whole transform, in 16 KiB
 * reads (a burst) and one a read (paced). Divide the time by 2,000 for the cost of an event. The clients' rows have a provider
 * with chat completions. Run with `deno task bench:micro`.
 * @module
 */
import { AgUiEncoder } from "../routes/ag_ui/ag_ui_encoder.ts";
import { UIMessageEncoder } from "../routes/ai_sdk/ui_message_encoder.ts";
import type { EventEncoder } from "../routes/client_dialect.ts";
import { createRecode } from "../routes/event_recoder.ts";
import { ChatEventStream } from "../upstream/chat_event_stream.ts";
import type { ProviderApi } from "../upstream/chat_events/provider_config.ts";
import { DIALECTS } from "../upstream/dialects.ts";
import { providerBytesIn } from "../upstream/http/provider_bytes.ts";
import { cut } from "./inputs.ts";

const CHUNKS = 2_000;
const texts = Array.from({ length: CHUNKS }, (_, at) => ` word${at % 97}`);

/** The messages of one answer, as each API sends them. */
const ANSWERS: Readonly<Record<ProviderApi, readonly object[]>> = {
  "chat-completions": [
    ...texts.map((content) => ({
      id: "chatcmpl-0123456789",
      object: "chat.completion.chunk",
      created: 1760000000,
      model: "gpt-4o-mini",
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    })),
    { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  ],
  "anthropic": [
    { type: "message_start", message: { id: "msg_0123456789", usage: { input_tokens: 9, output_tokens: 1 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    ...texts.map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: CHUNKS } },
    { type: "message_stop" },
  ],
  "responses": [
    ...texts.map((delta, at) => ({
      type: "response.output_text.delta",
      item_id: "msg_0123456789",
      output_index: 0,
      content_index: 0,
      delta,
      sequence_number: at,
    })),
    { type: "response.completed", sequence_number: CHUNKS, response: { status: "completed", output: [] } },
  ],
  "gemini": [
    ...texts.map((text) => ({
      candidates: [{ content: { parts: [{ text }], role: "model" }, index: 0 }],
      usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
      modelVersion: "gemini-2.5-flash",
    })),
    { candidates: [{ content: { parts: [] }, finishReason: "STOP", index: 0 }] },
  ],
};

/** The rows: a provider's API, and the client's encoder where the client does not read our events. */
const ROWS: readonly {
  readonly name: string;
  readonly api: ProviderApi;
  readonly createEncoder?: () => EventEncoder;
}[] = [
  ...(Object.keys(ANSWERS) as ProviderApi[]).map((api) => ({ name: api, api })),
  { name: "to the AI SDK", api: "chat-completions", createEncoder: () => new UIMessageEncoder("answer") },
  { name: "to AG-UI", api: "chat-completions", createEncoder: () => new AgUiEncoder("thread", "run") },
];

const encoder = new TextEncoder();

for (const group of ["in 16 KiB reads", "one a read"]) {
  for (const { name, api, createEncoder } of ROWS) {
    const messages = ANSWERS[api].map((message) => {
      const eventName = "type" in message ? `event: ${message.type}\n` : "";
      return `${eventName}data: ${JSON.stringify(message)}\n\n`;
    });
    const reads = (group === "one a read" ? messages : cut(messages.join(""), 16_384)).map((text) =>
      encoder.encode(text)
    );

    Deno.bench({ name, group, baseline: name === "chat-completions" }, async () => {
      let bytes = 0;
      const stream = new ChatEventStream(DIALECTS[api].createDecoder, {
        recode: createEncoder && createRecode({ headers: {}, createEncoder }),
      });
      void stream.feed(providerBytesIn(reads));
      for await (const chunk of stream.readable) bytes += chunk.length;
      if (bytes === 0) throw new Error("Cannot measure: nothing came out");
    });
  }
}
