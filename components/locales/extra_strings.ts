/**
 * The English strings of the lazily loaded parts, and the choice of the string that describes a failure.
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
  failedBusy: "Too many people are asking at the moment. Please try again shortly.",
  failedRate: "That was a lot of questions in a short time. Please wait a moment and try again.",
  failedTooLong: "This conversation has become too long. Start a new chat or shorten your message.",
  failedTooBig: "The message is too large for this chat. Remove a file or start a new chat.",
  failedSlow: "The answer took too long to arrive.",
  failedPolicy: "The assistant may not answer this.",
  failedSetup: "The chat is not set up correctly. Its owner can find the reason in the server's log.",
  failed: "Something went wrong while answering.",
};

/** The strings that are available once the lazily loaded parts are. */
export type ExtraStrings = Readonly<typeof EXTRA_ENGLISH>;

/** Describes a failure for the visitor. The server's own message is for developers and is not shown. */
export function describeFailure(error: ChatErrorData, strings: ExtraStrings): string {
  if (error.body?.unreachable === true) return strings.failedUnreachable;
  switch (error.type) {
    case "RunNotFound":
    case "EventsGone":
    case "EventNotReached":
      return strings.failedCut;
    case "StreamChunkError":
      return error.body?.reason === "idle_timeout" ? strings.failedSlow : strings.failedCut;
    case "ProviderTimeout":
    case "RequestTimeout":
      return strings.failedSlow;
    case "ServerBusy":
    case "ProviderNetworkError":
      return strings.failedBusy;
    case "RateLimitExceeded":
      return strings.failedRate;
    case "PayloadTooLarge":
      return error.body?.setting === "MAX_BODY_BYTES" ? strings.failedTooBig : strings.failedTooLong;
    case "ExceededContextWindow":
      return strings.failedTooLong;
    case "ProviderContentPolicyViolation":
      return strings.failedPolicy;
    case "Unauthorized":
    case "OriginNotAllowed":
    case "NotFound":
    case "MethodNotAllowed":
    case "UnsupportedMediaType":
    case "ModelNotFound":
    case "InvalidProviderAPIKey":
    case "InsufficientQuota":
      return strings.failedSetup;
    default:
      // The rest by name, so that a new type is noticed here. A newer server may send others.
      error.type satisfies
        | "ClientLeft"
        | "IdempotencyKeyReused"
        | "InternalServerError"
        | "InvalidRequestFormat"
        | "ProviderBizError";
      return strings.failed;
  }
}
