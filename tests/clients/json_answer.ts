/**
 * A fake provider's JSON response.
 * @module
 */
import type { Answer } from "../fake_openai.ts";

/** A JSON response with this body. */
export function jsonAnswer(body: unknown): Answer {
  return { headers: { "content-type": "application/json" }, body: [JSON.stringify(body)] };
}
