/**
 * Chunks with raw JSON text, for tests of spelling variants.
 * @module
 */

/** A chunk as OpenAI writes one. @param text the raw inside of a JSON string, for the content or another field */
export function chunk(text: string, { padding = "", index = 0, rest = "", field = "content" } = {}): string {
  const delta = field === "content" ? `"content":"${text}"` : `"content":null,"${field}":"${text}"`;
  return `{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":${index},"delta":{${delta}},` +
    `"logprobs":null,"finish_reason":null}]${rest},"usage":null${padding && `,"obfuscation":"${padding}"`}}`;
}
