/**
 * The English strings that every conversation needs. A locale or a page can replace each of them; `{name}` marks the place
 * of a value.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";

/** The strings by name. */
export const CORE_ENGLISH = {
  chat: "Chat",
  conversation: "Conversation",
  greeting: "What would you like to know?",
  composer: "Message",
  placeholder: "Ask anything",
  send: "Send",
  stop: "Stop",
  newChat: "New chat",
  close: "Close",
  enlarge: "Enlarge",
  reduce: "Make smaller",
  unread: "{name}, unread answers: {count}",
  retry: "Retry",
  continue: "Continue",
  you: "You",
  assistant: "Assistant",
  responding: "The assistant is responding",
  complete: "Answer complete",
  stopped: "Stopped",
  reconnecting: "Reconnecting…",
  lengthLimit: "The answer reached its length limit and ends here.",
  copy: "Copy",
  copied: "Copied",
  taskDone: "Done",
  taskOpen: "Not done",
  download: "Download",
  regenerate: "Answer again",
  edit: "Edit",
  cancel: "Cancel",
  sources: "Sources",
  queue: "Send after this answer",
  failedCut: "The connection was lost before the answer was complete.",
  failedUnreachable: "The chat server could not be reached. Check your connection and try again.",
  failed: "Something went wrong while answering.",
};

/** The strings that are available from the start. */
export type CoreStrings = Readonly<typeof CORE_ENGLISH>;

/** Replaces each `{name}` in `text` with its value. Unknown names stay as they are. */
export function fillString(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (match, name: string) => String(values[name] ?? match));
}

/**
 * Describes a lost connection, without which nothing more can be loaded. Returns undefined for every other failure:
 * `describeFailure` of `occasional_strings.ts` knows those.
 */
export function describeLoss({ type, body }: ChatErrorData, strings: CoreStrings): string | undefined {
  if (body?.unreachable === true) return strings.failedUnreachable;
  return type === "StreamChunkError" && body?.reason !== "idle_timeout" ? strings.failedCut : undefined;
}
