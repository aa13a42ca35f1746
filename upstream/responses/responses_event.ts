/**
 * The fields that we read of the events of OpenAI's Responses API. The values come from outside: read them as `Untrusted`.
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 * @module
 */

/** One event of a stream. Its fields depend on its type. */
export interface ResponsesEvent {
  readonly type: unknown;
  readonly sequence_number: unknown;
  readonly response: ResponsesObject;
  /** The position of an item in the output. Ids of items may change from event to event; positions do not. */
  readonly output_index: unknown;
  readonly item_id: unknown;
  /** The position of a part within its item. */
  readonly content_index: unknown;
  readonly summary_index: unknown;
  readonly item: ResponsesItem;
  readonly delta: unknown;
  readonly text: unknown;
  readonly refusal: unknown;
  readonly arguments: unknown;
  readonly annotation: unknown;
}

/** The response, as far as it has come. The terminal event has all of it. */
export interface ResponsesObject {
  readonly status: unknown;
  readonly error: unknown;
  readonly incomplete_details: { readonly reason: unknown };
  readonly output: unknown;
  readonly tools: unknown;
  readonly usage: ResponsesUsage;
}

/** An item of the output. Its fields depend on its type. */
export interface ResponsesItem {
  readonly type: unknown;
  readonly id: unknown;
  readonly content: unknown;
  readonly summary: unknown;
  readonly encrypted_content: unknown;
  readonly call_id: unknown;
  readonly name: unknown;
  readonly arguments: unknown;
  readonly input: unknown;
  readonly result: unknown;
  readonly output_format: unknown;
  readonly code: unknown;
  readonly action: { readonly query: unknown; readonly queries: unknown };
}

/** Token counts. The details are parts of the totals. */
export interface ResponsesUsage {
  readonly input_tokens: unknown;
  readonly output_tokens: unknown;
  readonly total_tokens: unknown;
  readonly input_tokens_details: { readonly cached_tokens: unknown; readonly cache_write_tokens: unknown };
  readonly output_tokens_details: { readonly reasoning_tokens: unknown };
}
