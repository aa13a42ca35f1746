/**
 * Forwards a response unchanged and reads its token usage, for a budget in proxy mode. OpenAI's APIs send the usage at the
 * end, and Anthropic's at the beginning too, so only the first and the last part of the text are kept.
 * @module
 */
import { ChatError, type ChatErrorType } from "../protocol/chat_error.ts";
import type { ModelUsage } from "../protocol/chat_event.ts";
import { AnthropicCounts } from "./anthropic/anthropic_usage.ts";
import { toModelUsage } from "./chat_completions/model_usage.ts";
import type { OutputAllowance } from "./chat_events/output_allowance.ts";
import { asObject } from "./chat_events/untrusted_json.ts";
import { RelayedText } from "./relayed_text.ts";

/** The length of the last part, in UTF-16 code units: the usage, and the text after it. */
export const TAIL_CHARS = 64 * 1024;
/** The length of the first part, in UTF-16 code units: the first event of a stream. */
const HEAD_CHARS = 8 * 1024;

/** Reads the counts in the first and the last part of a response. */
export type ReadUsage = (head: string, tail: string) => ModelUsage | undefined;

/** TypeScript does not know `cancel` yet. */
interface CancellableTransformer extends Transformer<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  cancel(reason: unknown): void;
}

/**
 * Bytes in, the same bytes out. Cancelling the readable side cancels the source. The stream errors with a {@linkcode ChatError}
 * when the allowance cannot grow, and when the source breaks off.
 */
export class UsageReader extends TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  readonly #parts: { head: string; tail: string };
  readonly #readUsage: ReadUsage;
  readonly #content: RelayedText;
  #failure: ChatError | undefined;

  /**
   * @param allowance the output that is reserved for the response
   * @param readUsage the reader of the API's counts. By default that of OpenAI's APIs
   */
  constructor(allowance: OutputAllowance, readUsage: ReadUsage = (_, tail) => readLastUsage(tail)) {
    const decoder = new TextDecoder();
    const parts = { head: "", tail: "" };
    const content = new RelayedText();
    const fail = (error: unknown): never => {
      if (error instanceof ChatError) this.#failure = error;
      throw error;
    };
    super(
      {
        transform(bytes, controller): void | Promise<void> {
          const text = decoder.decode(bytes, { stream: true });
          content.push(text);
          if (parts.head.length < HEAD_CHARS) parts.head += text.slice(0, HEAD_CHARS - parts.head.length);
          parts.tail += text;
          // Only now and then: each cut copies the text.
          if (parts.tail.length > 2 * TAIL_CHARS) parts.tail = parts.tail.slice(-TAIL_CHARS);
          controller.enqueue(bytes);
          const output = { events: 0, contentBytes: content.bytes };
          if (!allowance.covers(output)) return allowance.growToCover(output).catch(fail);
        },
        flush: () => content.end(),
        // Deno gives no error where the client has left.
        cancel: (reason) => reason instanceof Error ? fail(brokeOff(reason)) : undefined,
      } satisfies CancellableTransformer as Transformer<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>,
      undefined,
      // No buffer, so that back-pressure reaches the provider.
      { highWaterMark: 0 },
    );
    this.#parts = parts;
    this.#readUsage = readUsage;
    this.#content = content;
  }

  /** The counts of the response so far, and the type of the error that cut it. */
  get counts(): { readonly usage?: ModelUsage; readonly contentBytes: number; readonly outcome?: ChatErrorType } {
    const usage = this.#readUsage(this.#parts.head, this.#parts.tail);
    const outcome = this.#failure?.type;
    return { ...(usage && { usage }), contentBytes: this.#content.bytes, ...(outcome && { outcome }) };
  }
}

function brokeOff(cause: Error): ChatError {
  return new ChatError("ProviderNetworkError", "The model provider broke off its response.", { cause });
}

/** The last `"usage": {…}` in a text, in the format of chat completions, embeddings or responses. */
export function readLastUsage(text: string): ModelUsage | undefined {
  for (let at = text.lastIndexOf(FIELD); at !== -1; at = at === 0 ? -1 : text.lastIndexOf(FIELD, at - 1)) {
    const usage = usageAt(text, at);
    // The Responses API has its own names.
    const counts = usage &&
      toModelUsage({ prompt_tokens: usage.input_tokens, completion_tokens: usage.output_tokens, ...usage });
    if (counts !== undefined) return counts;
  }
  return undefined;
}

/** The counts of an Anthropic message: those of its beginning, and those of its end, which replace them. */
export function readMessageUsage(head: string, tail: string): ModelUsage | undefined {
  const counts = new AnthropicCounts();
  counts.take(usageAt(head, head.indexOf(FIELD)));
  counts.take(usageAt(tail, tail.lastIndexOf(FIELD)));
  return counts.usage;
}

const FIELD = '"usage"';

/** The object of the field at this position; undefined where there is none. */
function usageAt(text: string, at: number): Readonly<Record<string, unknown>> | undefined {
  if (at === -1) return undefined;
  const json = /^"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/.exec(text.slice(at, at + 4096))?.[1];
  try {
    return json === undefined ? undefined : asObject<Record<string, unknown>>(JSON.parse(json));
  } catch {
    return undefined;
  }
}
