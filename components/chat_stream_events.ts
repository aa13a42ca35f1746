/**
 * The events of `<chat-stream>`. Each bubbles and leaves the shadow root. Cancelling a cancelable event prevents what
 * it announces.
 * @module
 */
import type { ChatAnswer } from "../protocol/chat_answer.ts";
import type { ChatErrorData } from "../protocol/chat_error.ts";
import type { ContentPart, ToolCall } from "../protocol/chat_request.ts";

const OPTIONS = { bubbles: true, composed: true };

/** A message is about to be sent. Cancelling keeps it in the box. */
export class ChatSendEvent extends Event {
  /** The message. */
  readonly content: string | readonly ContentPart[];

  /** @param content the message */
  constructor(content: string | readonly ContentPart[]) {
    super("chat-send", { ...OPTIONS, cancelable: true });
    this.content = content;
  }
}

/** A part of the answer has arrived. */
export class ChatDeltaEvent extends Event {
  /** The new text. */
  readonly text: string;

  /** @param text the new text */
  constructor(text: string) {
    super("chat-delta", OPTIONS);
    this.text = text;
  }
}

/** An answer is complete, or the visitor stopped it. */
export class ChatStopEvent extends Event {
  /** The whole answer. */
  readonly answer: ChatAnswer;
  /** True if the visitor stopped it. */
  readonly stopped: boolean;

  /** @param answer the whole answer @param stopped true if the visitor stopped it */
  constructor(answer: ChatAnswer, stopped: boolean) {
    super("chat-stop", OPTIONS);
    this.answer = answer;
    this.stopped = stopped;
  }
}

/** An answer has failed. Cancelling suppresses the announcement; the failure is still shown. */
export class ChatErrorEvent extends Event {
  /** The failure. */
  readonly error: ChatErrorData;
  /** What had arrived before. */
  readonly answer: ChatAnswer;

  /** @param error the failure @param answer what had arrived before */
  constructor(error: ChatErrorData, answer: ChatAnswer) {
    super("chat-error", { ...OPTIONS, cancelable: true });
    this.error = error;
    this.answer = answer;
  }
}

/** The connection of the running answer is lost, or it is back. The answer itself is not lost. */
export class ChatReconnectingEvent extends Event {
  /** True if the connection is lost; false if the answer continues or has ended. */
  readonly reconnecting: boolean;

  /** @param reconnecting true if the connection is lost */
  constructor(reconnecting: boolean) {
    super("chat-reconnecting", OPTIONS);
    this.reconnecting = reconnecting;
  }
}

/** A tool of the page is about to run. Cancelling declines the call. */
export class ChatToolCallEvent extends Event {
  /** The call of the model; its `arguments` are JSON text. */
  readonly call: ToolCall;

  /** @param call the call of the model */
  constructor(call: ToolCall) {
    super("chat-tool-call", { ...OPTIONS, cancelable: true });
    this.call = call;
  }
}

/** The visitor has rated an answer, has added a comment, or has taken the rating back. */
export class ChatFeedbackEvent extends Event {
  /** The id of the answer in `toJSON()`. */
  readonly id: number;
  /** The rating; undefined if it was taken back. */
  readonly rating: "up" | "down" | undefined;
  /** The visitor's comment; empty if there is none. */
  readonly comment: string;
  /** The text of the answer. */
  readonly text: string;

  /** @param id the id of the answer @param rating the rating @param comment the comment @param text the answer */
  constructor(id: number, rating: "up" | "down" | undefined, comment: string, text: string) {
    super("chat-feedback", OPTIONS);
    this.id = id;
    this.rating = rating;
    this.comment = comment;
    this.text = text;
  }
}

/** The conversation is about to be cleared. Cancelling keeps it. */
export class ChatClearEvent extends Event {
  constructor() {
    super("chat-clear", { ...OPTIONS, cancelable: true });
  }
}

/** The launcher's panel is about to open or close. Cancelling leaves it as it is. */
export class ChatToggleEvent extends Event {
  /** True if the panel is about to open. */
  readonly open: boolean;

  /** @param open true if the panel is about to open */
  constructor(open: boolean) {
    super("chat-toggle", { ...OPTIONS, cancelable: true });
    this.open = open;
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    "chat-send": ChatSendEvent;
    "chat-delta": ChatDeltaEvent;
    "chat-stop": ChatStopEvent;
    "chat-error": ChatErrorEvent;
    "chat-reconnecting": ChatReconnectingEvent;
    "chat-tool-call": ChatToolCallEvent;
    "chat-feedback": ChatFeedbackEvent;
    "chat-clear": ChatClearEvent;
    "chat-toggle": ChatToggleEvent;
  }
}
