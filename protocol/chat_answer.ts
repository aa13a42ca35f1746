/**
 * Builds an answer from the events of a stream: the body of a response to `stream: false`, and what the component
 * renders. Pure: each event returns a new answer.
 * @module
 */
import type { ChatErrorData } from "./chat_error.ts";
import type { ChatEvent, Grounding, ModelSpeed, ModelUsage, ToolCallDelta } from "./chat_event.ts";
import type { ToolCall } from "./chat_request.ts";

/** The answer so far. Fields without an event are absent. */
export interface ChatAnswer {
  readonly text: string;
  readonly reasoning?: string;
  /** Opaque state of the provider. It goes back in the history as `reasoning.signature`. */
  readonly reasoning_signature?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly base64_images?: readonly string[];
  readonly grounding?: Grounding;
  readonly usage?: ModelUsage;
  readonly speed?: ModelSpeed;
  /** The finish reason, once the answer is complete. */
  readonly stop?: string;
  /** The error, if the answer broke. There is then no `stop`. */
  readonly error?: ChatErrorData;
}

/** An answer before its first event. */
export const EMPTY_ANSWER: ChatAnswer = { text: "" };

/**
 * The answer after one more event.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { EMPTY_ANSWER, reduceChatAnswer } from "./chat_answer.ts";
 *
 * const answer = [
 *   { type: "text", data: "Hel" } as const,
 *   { type: "text", data: "lo" } as const,
 *   { type: "stop", data: "stop" } as const,
 * ].reduce(reduceChatAnswer, EMPTY_ANSWER);
 * assertEquals(answer, { text: "Hello", stop: "stop" });
 * ```
 */
export function reduceChatAnswer(answer: ChatAnswer, event: ChatEvent): ChatAnswer {
  switch (event.type) {
    case "text":
      return { ...answer, text: answer.text + event.data };
    case "reasoning":
      return { ...answer, reasoning: (answer.reasoning ?? "") + event.data };
    case "tool_calls":
      return { ...answer, tool_calls: event.data.reduce(joinToolCall, answer.tool_calls ?? []) };
    case "base64_image":
      return { ...answer, base64_images: [...answer.base64_images ?? [], event.data] };
    // A later signature includes the earlier ones.
    case "reasoning_signature":
    case "grounding":
    case "usage":
    case "speed":
    case "stop":
    case "error":
      return { ...answer, [event.type]: event.data };
    default:
      return event satisfies never;
  }
}

/** Adds a fragment to its call. Calls are found by id: an index from another server is not trusted. */
function joinToolCall(calls: readonly ToolCall[], delta: ToolCallDelta): readonly ToolCall[] {
  const known = calls.some((call) => call.id === delta.id);
  if (!known) {
    const { name, arguments: args } = delta.function;
    return [...calls, {
      id: delta.id,
      type: "function",
      function: { name: name ?? "", arguments: args },
      ...signatureOf(delta),
    }];
  }
  return calls.map((call) => {
    if (call.id !== delta.id) return call;
    const { name, arguments: args } = call.function;
    return {
      ...call,
      function: { name: name || (delta.function.name ?? ""), arguments: args + delta.function.arguments },
      ...signatureOf(delta),
    };
  });
}

function signatureOf({ thoughtSignature }: ToolCallDelta): Pick<ToolCall, "thoughtSignature"> {
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}
