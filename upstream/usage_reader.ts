/**
 * Passes a response through unchanged and reads its token counts, for proxy mode with a token budget. Every OpenAI API
 * sends usage at the end of its response, so only the last part of the text is kept.
 * @module
 */
import type { ModelUsage } from "../protocol/chat_event.ts";
import { toModelUsage } from "./chat_completions/model_usage.ts";
import { asObject } from "./chat_events/untrusted_json.ts";

/** How much of the end of a response is kept, in UTF-16 code units. */
export const TAIL_CHARS = 64 * 1024;

/** Bytes in, the same bytes out. *Cancelling:* a reader that leaves cancels the source. */
export class UsageReader extends TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  readonly #tail: { text: string };

  constructor() {
    const decoder = new TextDecoder();
    const tail = { text: "" };
    super(
      {
        transform(bytes, controller) {
          tail.text += decoder.decode(bytes, { stream: true });
          // Cut rarely: cutting flattens the concatenated string, which costs more than the rest of this function.
          if (tail.text.length > 2 * TAIL_CHARS) tail.text = tail.text.slice(-TAIL_CHARS);
          controller.enqueue(bytes);
        },
      },
      undefined,
      // Nothing is buffered here, so that back-pressure reaches the provider.
      { highWaterMark: 0 },
    );
    this.#tail = tail;
  }

  /** The last token counts so far. */
  get usage(): ModelUsage | undefined {
    return readLastUsage(this.#tail.text);
  }
}

/** The last `"usage": {…}` in a text, in the format of chat completions, embeddings or responses. */
export function readLastUsage(text: string): ModelUsage | undefined {
  for (let at = text.lastIndexOf('"usage"'); at !== -1; at = at === 0 ? -1 : text.lastIndexOf('"usage"', at - 1)) {
    const [json] = /^"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/.exec(text.slice(at, at + 4096))?.slice(1) ?? [];
    const usage = json === undefined ? undefined : parseUsage(json);
    if (usage !== undefined) return usage;
  }
  return undefined;
}

function parseUsage(json: string): ModelUsage | undefined {
  try {
    const usage = asObject<Record<string, unknown>>(JSON.parse(json)) ?? {};
    // The Responses API has other names.
    return toModelUsage({ prompt_tokens: usage.input_tokens, completion_tokens: usage.output_tokens, ...usage });
  } catch {
    return undefined;
  }
}
