/**
 * The words that the component shows and speaks, in English. A locale or a page replaces any of them; `{name}` stands for
 * a value.
 * @module
 */
import type { EXTRA_ENGLISH } from "./extra_strings.ts";

/** The English words that a conversation begins with; `extra_strings.ts` has the others. */
export const ENGLISH = {
  chat: "Chat",
  conversation: "Conversation",
  greeting: "What would you like to know?",
  composer: "Message",
  placeholder: "Ask anything",
  send: "Send",
  stop: "Stop",
  newChat: "New chat",
  close: "Close",
  retry: "Retry",
  you: "You",
  assistant: "Assistant",
  thinking: "Thinking…",
  reasoning: "Reasoning",
  responding: "The assistant is responding",
  complete: "Answer complete",
  stopped: "Stopped",
  tokens: "Tokens: {in} in, {out} out",
  totalTokens: "{total} tokens",
  imageAlt: "Image from the assistant",
  code: "Code",
  copy: "Copy",
  copied: "Copied",
  table: "Table",
  taskDone: "Done",
  taskOpen: "Not done",
  imageBlocked: "Image from {host} not loaded",
  loadImage: "Load image",
  imageSent: "Attached image",
};

/** All words by name, those of the lazily loaded parts among them. */
export type ChatStrings = Readonly<typeof ENGLISH & typeof EXTRA_ENGLISH>;

/** The words that are there from the beginning. */
export type CoreStrings = Readonly<typeof ENGLISH>;

/** The text with each `{name}` replaced by its value. */
export function fillString(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (match, name: string) => String(values[name] ?? match));
}
