/**
 * Lets the page check a message before it is sent, within a deadline. A check that fails refuses the message: the page
 * may rely on it, for example to remove personal data.
 * @module
 */
import type { ContentPart } from "../../protocol/chat_request.ts";

/** The maximum time of a check, in milliseconds. */
export const CHECK_DEADLINE_MS = 10_000;

/** The content of a message: text, or text and files. */
export type MessageContent = string | readonly ContentPart[];

/** What {@linkcode BeforeSend} returns. */
export type BeforeSendResult = void | undefined | MessageContent | { readonly refuse: string };

/**
 * A function of the page that checks a message before it is sent. It returns nothing to send the message as it is, other
 * content to send that instead, or `{ refuse }` with a text for the visitor. `signal` aborts after 10 s; the message is
 * then not sent.
 */
export type BeforeSend = (
  content: MessageContent,
  signal: AbortSignal,
) => BeforeSendResult | Promise<BeforeSendResult>;

/** The result of a check: the content to send, or why it is not sent. An empty reason means that the check failed. */
export type CheckedMessage = { readonly content: MessageContent } | { readonly refusal: string };

/**
 * Calls the page's hook. Exceptions and a missed deadline go to `reportError`, and refuse the message.
 * @param hook the page's function @param content the visitor's message
 */
export async function checkMessage(hook: BeforeSend, content: MessageContent): Promise<CheckedMessage> {
  const deadline = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException("beforeSend has not returned within its deadline", "TimeoutError"));
      deadline.abort();
    }, CHECK_DEADLINE_MS);
  });
  try {
    const result = await Promise.race([hook(content, deadline.signal), expired]);
    if (result === undefined) return { content };
    if (typeof result === "string" || Array.isArray(result)) return { content: result as MessageContent };
    return { refusal: (result as { readonly refuse: string }).refuse };
  } catch (error) {
    reportError(error);
    return { refusal: "" };
  } finally {
    clearTimeout(timer);
  }
}
