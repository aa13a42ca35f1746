/**
 * The types of `<chat-stream>` in Svelte 5 templates. Import this module once, for its types only.
 * @module
 */
import type { HTMLAttributes } from "svelte/elements";
import type { ChatStreamElement, ChatStreamProperties } from "./chat-stream.js";

export type * from "./chat-stream.js";

/** The attribute of a property: `persist-key` for `persistKey`. */
type Kebab<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `-${Lowercase<Head>}`}${Kebab<Tail>}`
  : "";
type EventName = Extract<keyof GlobalEventHandlersEventMap, `chat-${string}`>;

declare module "svelte/elements" {
  interface SvelteHTMLElements {
    "chat-stream":
      & Omit<HTMLAttributes<ChatStreamElement>, keyof ChatStreamProperties>
      & Partial<ChatStreamProperties>
      & { [Name in keyof ChatStreamProperties as Kebab<Name>]?: ChatStreamProperties[Name] }
      & { [Name in EventName as `on${Name}`]?: (event: GlobalEventHandlersEventMap[Name]) => void };
  }
}
