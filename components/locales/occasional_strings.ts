/**
 * The English strings of what a visitor uses now and then and of most failures, and the choice of the string for a
 * failure and for a time to wait.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import { type CoreStrings, describeLoss, fillString } from "./core_strings.ts";

/** The strings by name. */
export const OCCASIONAL_ENGLISH = {
  asMarkdown: "As Markdown",
  asJson: "As JSON",
  jump: "Jump to latest",
  jumpCount: "Jump to latest ({count} new)",
  queued: "Sent after this answer",
  queuedWaiting: "Not sent yet",
  earlier: "Earlier version",
  later: "Later version",
  version: "Version {index} of {count}",
  remove: "Remove",
  cleared: "The conversation was cleared.",
  undo: "Undo",
  imageAlt: "Image from the assistant",
  imageSent: "Attached image",
  quote: "Quote",
  retrySeconds: "Try again in {count} s",
  retryMinutes: "Try again in {count} min",
  retryHours: "Try again in {count} h",
  failedBusy: "Too many people are asking at the moment. Please try again shortly.",
  failedRate: "That was a lot of questions in a short time. Please wait a moment and try again.",
  failedTooLong: "This conversation has become too long. Start a new chat or shorten your message.",
  failedTooBig: "The message is too large for this chat. Remove a file or start a new chat.",
  failedSlow: "The answer took too long to arrive.",
  failedPolicy: "The assistant may not answer this.",
  failedSetup: "The chat is not set up correctly. Its owner can find the reason in the server's log.",
};

/** The strings that are available once `occasional.ts` is. */
export type OccasionalStrings = Readonly<typeof OCCASIONAL_ENGLISH>;

/** Describes a failure for the visitor. The server's own message is for developers and is not shown. */
export function describeFailure(
  error: ChatErrorData,
  strings: CoreStrings & OccasionalStrings,
): string {
  switch (error.type) {
    case "RunNotFound":
    case "EventsGone":
    case "EventNotReached":
      return strings.failedCut;
    case "StreamChunkError":
      return describeLoss(error, strings) ?? strings.failedSlow;
    case "ProviderTimeout":
    case "RequestTimeout":
      return strings.failedSlow;
    case "ServerBusy":
    case "ProviderNetworkError":
      return describeLoss(error, strings) ?? strings.failedBusy;
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

/** Describes how long to wait. Empty if there is nothing to wait for. @param seconds rounded up */
export function describeWait(seconds: number, strings: OccasionalStrings): string {
  if (seconds <= 0) return "";
  if (seconds < 100) return fillString(strings.retrySeconds, { count: seconds });
  if (seconds < 6000) return fillString(strings.retryMinutes, { count: Math.ceil(seconds / 60) });
  return fillString(strings.retryHours, { count: Math.ceil(seconds / 3600) });
}

/** The name of an image in an answer: numbered if there are several. @param index its place, from 0 */
export function imageName(index: number, count: number, { imageAlt }: Pick<OccasionalStrings, "imageAlt">): string {
  return count > 1 ? `${imageAlt} ${index + 1}` : imageAlt;
}
