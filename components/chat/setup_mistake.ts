/**
 * Tells the developer of a page in the console what the visitor cannot mend. Loaded lazily.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";

/** Logs how to allow this page at its chat server, if that has refused it. */
export function logSetupMistake({ type }: ChatErrorData): void {
  if (type !== "OriginNotAllowed") return;
  // A page that was opened as a file has no origin, and neither has a frame in a sandbox.
  const remedy = origin === "null"
    ? "It has no origin that could be allowed: open it by http: or https:"
    : `Set ALLOWED_ORIGINS=${origin} on the server`;
  console.error(`<chat-stream>: the chat server refuses this page. ${remedy}.`);
}
