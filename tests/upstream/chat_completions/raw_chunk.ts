/**
 * Chunks whose text is put in as it is, for tests of how a chunk is spelt.
 * @module
 */

/** A chunk as OpenAI writes one, with some text put in as it is: the content, or what another field says. */
export function chunk(text: string, { padding = "", index = 0, rest = "", field = "content" } = {}): string {
  const delta = field === "content" ? `"content":"${text}"` : `"content":null,"${field}":"${text}"`;
  return `{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":${index},"delta":{${delta}},` +
    `"logprobs":null,"finish_reason":null}]${rest},"usage":null${padding && `,"obfuscation":"${padding}"`}}`;
}
