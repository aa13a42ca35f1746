/**
 * The types of `<chat-stream>` in Vue templates. Import this module once, for its types only.
 * @module
 */
import type { EmitFn, HTMLAttributes, PublicProps } from "vue";
import type { ChatStreamElement, ChatStreamProperties } from "./chat-stream.js";

export type * from "./chat-stream.js";

type EventName = Extract<keyof GlobalEventHandlersEventMap, `chat-${string}`>;
type Events = { [Name in EventName]: (event: GlobalEventHandlersEventMap[Name]) => void };

/** The tag as Vue's language tools see it. */
export type ChatStreamTag = new () => ChatStreamElement & {
  /** Only for the types of templates: the element has no such property. */
  $props: HTMLAttributes & Partial<ChatStreamProperties> & PublicProps;
  /** Only for the types of templates: the element has no such method. */
  $emit: EmitFn<Events>;
};

declare module "vue" {
  interface GlobalComponents {
    "chat-stream": ChatStreamTag;
  }
}
