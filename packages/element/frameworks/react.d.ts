/**
 * The types of `<ChatStream>` for React 19, and of the plain tag in JSX.
 * @module
 */
import type { DetailedHTMLProps, HTMLAttributes, JSX, ReactNode, Ref } from "react";
import type { ChatStreamElement, ChatStreamProperties } from "./chat-stream.js";

export type * from "./chat-stream.js";

type EventName = Extract<keyof GlobalEventHandlersEventMap, `chat-${string}`>;
type Handler<Name extends EventName> = ((event: GlobalEventHandlersEventMap[Name]) => void) | undefined;
type Pascal<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Capitalize<Head>}${Pascal<Tail>}`
  : Capitalize<Name>;
type OwnProps = { [Name in keyof ChatStreamProperties]?: ChatStreamProperties[Name] | undefined };
type NativeProps = Omit<HTMLAttributes<ChatStreamElement>, keyof ChatStreamProperties>;

/** The events of the component as props: `onChatStop` for `chat-stop`. */
export type ChatStreamEventProps = { [Name in EventName as `on${Pascal<Name>}`]?: Handler<Name> };

/** The props of {@link ChatStream}: the component's properties and events, and those of every element. */
export type ChatStreamProps = OwnProps & ChatStreamEventProps & NativeProps & {
  /** Elements for the component's slots. */
  children?: ReactNode;
  /** Receives the element. Its methods exist once `customElements.whenDefined("chat-stream")` has resolved. */
  ref?: Ref<ChatStreamElement> | undefined;
};

/** `<chat-stream>` as a React component. Properties may be set before the component is loaded. */
export declare function ChatStream(props: ChatStreamProps): JSX.Element;

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "chat-stream":
        & DetailedHTMLProps<NativeProps, ChatStreamElement>
        & OwnProps
        & { [Name in EventName as `on${Name}`]?: Handler<Name> };
    }
  }
}
