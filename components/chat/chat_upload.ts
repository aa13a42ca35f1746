/**
 * What a page implements to upload attachments itself, and the settings of attachments.
 * @module
 */
import type { ContentPart } from "../../protocol/chat_request.ts";
import type { CallOptions } from "./chat_call.ts";

/** Uploads a file. Returns its URL, or the part of the message that stands for it. */
export type ChatUpload = (file: File, options: UploadOptions) => Promise<string | ContentPart>;

/** What an upload receives besides its file. */
export interface UploadOptions {
  /** Aborts when the visitor removes the file. */
  readonly signal: AbortSignal;
  /** Shows the progress, from 0 to 1. */
  onProgress(progress: number): void;
}

/** The element's settings. */
export interface AttachmentSettings {
  readonly endpoint: string | URL;
  readonly call: CallOptions;
  /** Empty for the server's choice. */
  readonly model: string;
  readonly accept: string;
  readonly upload: ChatUpload | undefined;
}
