/**
 * Writes a whole message of Anthropic's API as the stream that it would have been.
 * @module
 */
import { asObject } from "../chat_events/untrusted_json.ts";

/** The bytes of the stream; undefined where `json` is no message. */
export function replayMessage(json: Readonly<Record<string, unknown>>): string | undefined {
  if (json.type !== "message" || !Array.isArray(json.content)) return undefined;
  const { content, stop_reason, usage } = json;
  const events = [
    { type: "message_start", message: { usage } },
    ...content.flatMap((block, index) => [
      { type: "content_block_start", index, content_block: asObject(block) ?? {} },
      { type: "content_block_stop", index },
    ]),
    { type: "message_delta", delta: { stop_reason }, usage },
    { type: "message_stop" },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}
