/**
 * The error for a field of a checked request that a provider's API cannot express.
 * @module
 */
import { ChatError } from "../../protocol/chat_error.ts";

/**
 * @param path the field's JSON path, such as `messages[2].content[0]`
 * @param problem completes a sentence that begins with the path: `is not supported by this model's provider`
 */
export function unsupportedField(path: string, problem: string): ChatError {
  return new ChatError("InvalidRequestFormat", `${path} ${problem}`, { body: { path } });
}
