/**
 * The fields that we read of Anthropic's events. The values are not trusted: code that reads them wraps these types in
 * {@linkcode Untrusted}.
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 * @module
 */

/** An event of a stream. `type` repeats the event's name. */
export interface AnthropicEvent {
  readonly type: string;
  /** Of `message_start`. */
  readonly message: { readonly usage: AnthropicUsage };
  /** Of `content_block_…`: the position of the block in the message. */
  readonly index: number;
  readonly content_block: AnthropicBlock;
  /** Of `content_block_delta` and `message_delta`. */
  readonly delta: AnthropicDelta;
  /** Of `message_delta`: totals so far. */
  readonly usage: AnthropicUsage;
  /** Of `error`. */
  readonly error: unknown;
}

/** A content block at its start. Compatible servers send whole blocks there. */
export interface AnthropicBlock {
  readonly type: string;
  readonly text: string;
  readonly thinking: string;
  readonly signature: string;
  /** Of `redacted_thinking`. */
  readonly data: string;
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly citations: readonly AnthropicCitation[];
}

/** What an event adds to a block or to the message. */
export interface AnthropicDelta {
  readonly type: string;
  readonly text: string;
  readonly thinking: string;
  readonly signature: string;
  readonly partial_json: string;
  readonly citation: AnthropicCitation;
  readonly stop_reason: string | null;
}

/** https://docs.anthropic.com/en/docs/build-with-claude/citations. Only pages and search results have an address. */
export interface AnthropicCitation {
  readonly url: string;
  readonly title: string;
  /** Of `search_result_location`: the address or a name. */
  readonly source: string;
}

/** https://docs.anthropic.com/en/api/messages#response-usage */
export interface AnthropicUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly thinking_tokens: number };
}
