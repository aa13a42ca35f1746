/**
 * The English strings that a conversation needs from the first message on, and the choice of the string that describes a
 * lost connection.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";

/** The strings by name. */
export const EXTRA_ENGLISH = {
  cleared: "The conversation was cleared.",
  undo: "Undo",
  download: "Download",
  asMarkdown: "As Markdown",
  asJson: "As JSON",
  regenerate: "Answer again",
  edit: "Edit",
  cancel: "Cancel",
  earlier: "Earlier version",
  later: "Later version",
  version: "Version {index} of {count}",
  jump: "Jump to latest",
  jumpCount: "Jump to latest ({count} new)",
  sources: "Sources",
  queue: "Send after this answer",
  failedCut: "The connection was lost before the answer was complete.",
  failedUnreachable: "The chat server could not be reached. Check your connection and try again.",
  failed: "Something went wrong while answering.",
};

/**
 * Describes a lost connection, without which nothing more can be loaded. Returns undefined for every other failure:
 * `describeFailure` of `occasional_strings.ts` knows those.
 */
export function describeLoss({ type, body }: ChatErrorData, strings: typeof EXTRA_ENGLISH): string | undefined {
  if (body?.unreachable === true) return strings.failedUnreachable;
  return type === "StreamChunkError" && body?.reason !== "idle_timeout" ? strings.failedCut : undefined;
}
