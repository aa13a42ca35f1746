/**
 * The answers of the benchmark's provider, in the format of each API. Pure.
 * @module
 */
import type { ProviderApi } from "../upstream/chat_events/provider_config.ts";
import { closingChunks, contentChunk, openingChunk } from "./inputs.ts";

/** An answer in the format of one API. */
export interface ProviderAnswer {
  /** The path that requests it. */
  readonly path: RegExp;
  readonly opening: string;
  /** The message with a token. */
  chunk(token: string): string;
  /** The end of an answer of `tokens` tokens. */
  closing(tokens: number): string;
}

/** The answers by API. */
export const PROVIDER_ANSWERS: Readonly<Record<ProviderApi, ProviderAnswer>> = {
  "chat-completions": {
    path: /\/chat\/completions$/,
    opening: openingChunk(),
    chunk: contentChunk,
    closing: closingChunks,
  },
  "anthropic": {
    path: /\/messages$/,
    opening: named({
      type: "message_start",
      message: { id: "msg_0123456789", role: "assistant", usage: { input_tokens: 9, output_tokens: 1 } },
    }) + named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    chunk: (text) => named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
    closing: (tokens) =>
      named({ type: "content_block_stop", index: 0 }) +
      named({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: tokens } }) +
      named({ type: "message_stop" }),
  },
  "responses": {
    path: /\/responses$/,
    opening: named({
      type: "response.created",
      response: { id: "resp_0123456789", status: "in_progress", output: [] },
    }),
    chunk: (delta) =>
      named({
        type: "response.output_text.delta",
        item_id: "msg_0123456789",
        output_index: 0,
        content_index: 0,
        delta,
      }),
    closing: (tokens) =>
      named({
        type: "response.completed",
        response: {
          id: "resp_0123456789",
          status: "completed",
          output: [],
          usage: { input_tokens: 9, output_tokens: tokens, total_tokens: tokens + 9 },
        },
      }),
  },
  "gemini": {
    path: /:streamGenerateContent(?:\?|$)/,
    opening: "",
    chunk: (text) => unnamed({ candidates: [{ content: { parts: [{ text }], role: "model" }, index: 0 }] }),
    closing: (tokens) =>
      unnamed({
        candidates: [{ content: { parts: [] }, finishReason: "STOP", index: 0 }],
        usageMetadata: { promptTokenCount: 9, candidatesTokenCount: tokens, totalTokenCount: tokens + 9 },
      }),
  },
};

function named(message: { readonly type: string; readonly [field: string]: unknown }): string {
  return `event: ${message.type}\n${unnamed(message)}`;
}

function unnamed(message: object): string {
  return `data: ${JSON.stringify(message)}\n\n`;
}
