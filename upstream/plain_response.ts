/**
 * Reads a response that is no event stream, up to a limit.
 * @module
 */
import { chunksOf, type ProviderBytes } from "./http/provider_bytes.ts";

/** The most that is read of a response that is no event stream, in bytes. */
export const MAX_PLAIN_RESPONSE_BYTES = 1024 * 1024;

/** The body as JSON; undefined where it is not JSON or too long. */
export async function readPlainJson(body: ProviderBytes): Promise<unknown> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > MAX_PLAIN_RESPONSE_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
