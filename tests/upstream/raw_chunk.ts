/**
 * Chunks whose content is put in as it is, for tests of how a chunk is spelt.
 * @module
 */

/** A chunk as OpenAI writes one, with some content put in as it is. */
export function chunk(content: string, { padding = "", index = 0, rest = "" } = {}): string {
  return `{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":${index},"delta":{"content":"${content}"},` +
    `"logprobs":null,"finish_reason":null}]${rest},"usage":null${padding && `,"obfuscation":"${padding}"`}}`;
}
