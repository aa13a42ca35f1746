/**
 * What the element tells its page, and the names that TypeScript knows it by. Each event bubbles and leaves the shadow
 * root; those that come before something happens can be cancelled, and then it does not happen.
 * @module
 */
import type { ChatAnswer } from "../protocol/chat_answer.ts";
import type { ChatErrorData } from "../protocol/chat_error.ts";
import type { ChatStream } from "./chat_stream.ts";
import type { ContentPart, ToolCall } from "../protocol/chat_request.ts";

const OPTIONS = { bubbles: true, composed: true };

/** A message is about to be sent; cancelling keeps it in the box. */
export class ChatSendEvent extends Event {
  readonly content: string | readonly ContentPart[];

  /** @param content what the visitor says */
  constructor(content: string | readonly ContentPart[]) {
    super("chat-send", { ...OPTIONS, cancelable: true });
    this.content = content;
  }
}

/** A piece of the answer has arrived. */
export class ChatDeltaEvent extends Event {
  readonly text: string;

  /** @param text the piece */
  constructor(text: string) {
    super("chat-delta", OPTIONS);
    this.text = text;
  }
}

/** An answer is complete, or was stopped by the visitor. */
export class ChatStopEvent extends Event {
  readonly answer: ChatAnswer;
  readonly stopped: boolean;

  /** @param answer all of it @param stopped true when the visitor stopped it */
  constructor(answer: ChatAnswer, stopped: boolean) {
    super("chat-stop", OPTIONS);
    this.answer = answer;
    this.stopped = stopped;
  }
}

/** An answer has failed. Cancelling keeps the failure from being read out; it is shown all the same. */
export class ChatErrorEvent extends Event {
  readonly error: ChatErrorData;
  readonly answer: ChatAnswer;

  /** @param error what happened @param answer what had arrived */
  constructor(error: ChatErrorData, answer: ChatAnswer) {
    super("chat-error", { ...OPTIONS, cancelable: true });
    this.error = error;
    this.answer = answer;
  }
}

/** A tool of the page is about to run; cancelling declines the call. */
export class ChatToolCallEvent extends Event {
  readonly call: ToolCall;

  /** @param call what the model wants, `arguments` as JSON text */
  constructor(call: ToolCall) {
    super("chat-tool-call", { ...OPTIONS, cancelable: true });
    this.call = call;
  }
}

/** The conversation is about to be cleared; cancelling keeps it. */
export class ChatClearEvent extends Event {
  constructor() {
    super("chat-clear", { ...OPTIONS, cancelable: true });
  }
}

/** The launcher's panel is about to open or close; cancelling leaves it as it is. */
export class ChatToggleEvent extends Event {
  readonly open: boolean;

  /** @param open what it is about to be */
  constructor(open: boolean) {
    super("chat-toggle", { ...OPTIONS, cancelable: true });
    this.open = open;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-stream": ChatStream;
  }
  interface HTMLElementEventMap {
    "chat-send": ChatSendEvent;
    "chat-delta": ChatDeltaEvent;
    "chat-stop": ChatStopEvent;
    "chat-error": ChatErrorEvent;
    "chat-tool-call": ChatToolCallEvent;
    "chat-clear": ChatClearEvent;
    "chat-toggle": ChatToggleEvent;
  }
}
