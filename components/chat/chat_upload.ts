/**
 * What a page implements to upload attachments itself.
 * @module
 */
import type { ContentPart } from "../../protocol/chat_request.ts";

/** Uploads a file. Returns its URL, or the part of the message that stands for it. */
export type ChatUpload = (file: File, options: UploadOptions) => Promise<string | ContentPart>;

/** What an upload receives besides its file. */
export interface UploadOptions {
  /** Aborts when the visitor removes the file. */
  readonly signal: AbortSignal;
  /** Shows the progress, from 0 to 1. */
  onProgress(progress: number): void;
}
