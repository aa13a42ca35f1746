/**
 * The event of one tool call, as the dialects beside chat completions emit it.
 * @module
 */
import type { ChatEvent } from "../../protocol/chat_event.ts";
import type { CallIdentity } from "./answer_emitter.ts";

/**
 * A `tool_calls` event.
 * @param name null where an earlier event of the call has named it
 * @param args the next fragment of the arguments
 * @param thoughtSignature state that the provider wants back with the call
 */
export function toolCallEvent(
  { index, id }: CallIdentity,
  name: string | null,
  args: string,
  thoughtSignature?: string,
): Extract<ChatEvent, { type: "tool_calls" }> {
  return {
    type: "tool_calls",
    data: [{
      index,
      id,
      type: "function",
      function: { name, arguments: args },
      ...(thoughtSignature !== undefined && { thoughtSignature }),
    }],
  };
}
