/**
 * The English strings that a conversation needs from the start. A locale or a page can replace each of them; `{name}`
 * marks the place of a value.
 * @module
 */

/** The strings by name. `extra_strings.ts` has those of the lazily loaded parts. */
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
  thinking: "Thinking…",
  reasoning: "Reasoning",
  responding: "The assistant is responding",
  complete: "Answer complete",
  stopped: "Stopped",
  reconnecting: "Reconnecting…",
  lengthLimit: "The answer reached its length limit and ends here.",
  imageAlt: "Image from the assistant",
  copy: "Copy",
  copied: "Copied",
  taskDone: "Done",
  taskOpen: "Not done",
};

/** The strings that are available from the start. */
export type CoreStrings = Readonly<typeof CORE_ENGLISH>;

/** Replaces each `{name}` in `text` with its value. Unknown names stay as they are. */
export function fillString(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (match, name: string) => String(values[name] ?? match));
}
