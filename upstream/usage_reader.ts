/**
 * Forwards a response unchanged and reads its token usage, for a budget in proxy mode. OpenAI's APIs send the usage at the
 * end, so only the last part of the text is kept.
 * @module
 */
import type { ModelUsage } from "../protocol/chat_event.ts";
import { toModelUsage } from "./chat_completions/model_usage.ts";
import type { OutputAllowance } from "./chat_events/output_allowance.ts";
import { asObject } from "./chat_events/untrusted_json.ts";
import { RelayedText } from "./relayed_text.ts";

/** The length of the part that is kept, in UTF-16 code units: the usage, and the text after it. */
export const TAIL_CHARS = 64 * 1024;

/**
 * Bytes in, the same bytes out. Cancelling the readable side cancels the source. The stream errors when the allowance cannot
 * grow.
 */
export class UsageReader extends TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  readonly #tail: { text: string };
  readonly #content: RelayedText;

  /** @param allowance the output that is reserved for the response */
  constructor(allowance: OutputAllowance) {
    const decoder = new TextDecoder();
    const tail = { text: "" };
    const content = new RelayedText();
    super(
      {
        transform(bytes, controller): void | Promise<void> {
          const text = decoder.decode(bytes, { stream: true });
          content.push(text);
          tail.text += text;
          // Only now and then: each cut copies the text.
          if (tail.text.length > 2 * TAIL_CHARS) tail.text = tail.text.slice(-TAIL_CHARS);
          controller.enqueue(bytes);
          const output = { events: 0, contentBytes: content.bytes };
          if (!allowance.covers(output)) return allowance.growToCover(output);
        },
        flush: () => content.end(),
      },
      undefined,
      // No buffer, so that back-pressure reaches the provider.
      { highWaterMark: 0 },
    );
    this.#tail = tail;
    this.#content = content;
  }

  /** The counts of the response so far. */
  get counts(): { readonly usage?: ModelUsage; readonly contentBytes: number } {
    const usage = readLastUsage(this.#tail.text);
    return { ...(usage && { usage }), contentBytes: this.#content.bytes };
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
    // The Responses API has its own names.
    return toModelUsage({ prompt_tokens: usage.input_tokens, completion_tokens: usage.output_tokens, ...usage });
  } catch {
    return undefined;
  }
}
