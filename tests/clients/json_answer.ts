/**
 * A fake provider's answer that is JSON and no stream.
 * @module
 */
import type { Answer } from "../fake_openai.ts";

/** The answer with this body. */
export function jsonAnswer(body: unknown): Answer {
  return { headers: { "content-type": "application/json" }, body: [JSON.stringify(body)] };
}
