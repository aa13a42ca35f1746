/**
 * Decides which files can be attached: by kind, size, what the page allows and what the model takes. Pure.
 * @module
 */
import type { ServerModels } from "./server_models.ts";
import { DEFAULT_ATTACHED_CHARS } from "./sent_attachments.ts";

/** The maximum number of files in one message. */
export const MAX_FILES = 10;
/** The maximum size of a text file, in bytes. It is sent as text, which servers limit more than files. */
export const MAX_TEXT_BYTES = 64 * 1024;
/** The maximum size of all text files in one message, in bytes. */
export const MAX_ALL_TEXT_BYTES = 128 * 1024;
/** The maximum size of an image file before it is scaled down, in bytes. */
export const MAX_IMAGE_FILE_BYTES = 20 * 1024 * 1024;

/** How a file is sent: as a scaled image, as text in the message, or as a file with its data. */
export type FileKind = "image" | "text" | "pdf" | "other";

/** Why a file cannot be attached. */
export type Refusal = "type" | "size" | "count" | "model";

/** What a page and its server allow. */
export interface AttachmentRules {
  /** As in `<input accept>`. Empty: images, texts and PDF. */
  readonly accept: string;
  /** True if the page uploads files itself. A message then contains only their URLs. */
  readonly hasUpload: boolean;
  /** What the model takes, if that is known. */
  readonly input: readonly unknown[] | undefined;
  /** The maximum size of one more file, in UTF-16 code units of base64. */
  readonly maxChars: number;
  /** The maximum size of one more text file, in bytes. */
  readonly maxTextBytes: number;
}

const IMAGE_TYPE = /^image\/(?:png|jpeg|webp|gif|avif|bmp|heic|heif)$/;
const TEXT_TYPE = /^text\/|^application\/(?:json|xml|yaml|x-yaml|toml|sql|x-sh|javascript|typescript)$|\+(?:xml|json)$/;
const TEXT_NAME =
  /\.(?:txt|md|csv|tsv|json|ya?ml|xml|svg|html?|css|[jt]sx?|mjs|py|rb|rs|go|java|kt|swift|c|h|cpp|cs|php|sh|sql|toml|ini|log|tex|srt|vtt)$/i;
/** What the file picker offers by default. iOS converts its own image format if only the usual ones are listed. */
const DEFAULT_ACCEPT = "image/png,image/jpeg,image/webp,image/gif,image/avif,application/pdf,.pdf,text/*," +
  ".md,.csv,.tsv,.json,.yaml,.yml,.xml,.log,.py,.ts,.js,.sql";

/** How a file is sent. Browsers know only few types, so the name counts too. */
export function fileKind({ name, type }: Pick<File, "name" | "type">): FileKind {
  if (IMAGE_TYPE.test(type)) return "image";
  if (type === "application/pdf" || /\.pdf$/i.test(name)) return "pdf";
  return TEXT_TYPE.test(type) || TEXT_NAME.test(name) ? "text" : "other";
}

/** Why a file cannot be attached; undefined if it can. */
export function refusalOf(file: Pick<File, "name" | "type" | "size">, rules: AttachmentRules): Refusal | undefined {
  const kind = fileKind(file);
  if (!isAccepted(file, kind, rules.accept)) return "type";
  if (!isReadable(kind, rules.input)) return "model";
  return rules.hasUpload || fits(file, kind, rules) ? undefined : "size";
}

/** The value of `<input accept>`. A PDF is not offered if the model does not take it. */
export function acceptOf({ accept, input }: Pick<AttachmentRules, "accept" | "input">): string {
  if (accept !== "") return accept;
  const isOffered = (type: string) =>
    type.startsWith("image/") ? isReadable("image", input) : !/pdf$/.test(type) || isReadable("pdf", input);
  return DEFAULT_ACCEPT.split(",").filter(isOffered).join();
}

/** True if the page allows images, such as those of a camera. */
export function acceptsImages(rules: Pick<AttachmentRules, "accept" | "input">): boolean {
  return /(?:^|[\s,])(?:image\/|\.(?:jpe?g|png|webp)\b)/i.test(acceptOf(rules));
}

/** The maximum size of all attachments for a server, in UTF-16 code units. The text of the conversation needs room too. */
export function maxAttachedChars({ maxBodyBytes }: Pick<ServerModels, "maxBodyBytes">): number {
  if (maxBodyBytes === undefined) return DEFAULT_ATTACHED_CHARS;
  return maxBodyBytes - Math.min(maxBodyBytes / 4, 512 * 1024);
}

/** Checks a file against `accept` as browsers do in a file picker; they check neither pasted nor dropped files. */
function isAccepted({ name, type }: Pick<File, "name" | "type">, kind: FileKind, accept: string): boolean {
  if (accept.trim() === "") return kind !== "other";
  return accept.toLowerCase().split(",").map((token) => token.trim()).some((token) =>
    token.startsWith(".")
      ? name.toLowerCase().endsWith(token)
      : token.endsWith("/*")
      ? type.startsWith(token.slice(0, -1))
      : token !== "" && (token === type || token === "*")
  );
}

/** True if a model with this input takes a file of this kind, or its input is not known. */
export function isReadable(kind: FileKind, input: readonly unknown[] | undefined): boolean {
  return input === undefined || (kind !== "image" && kind !== "pdf") || input.includes(kind);
}

/** Images are scaled down, so only those that would take too long are too large. */
function fits({ size }: Pick<File, "size">, kind: FileKind, { maxChars, maxTextBytes }: AttachmentRules): boolean {
  if (kind === "image") return size <= MAX_IMAGE_FILE_BYTES;
  // Base64: three bytes become four characters.
  return kind === "text" ? size <= maxTextBytes : size / 3 * 4 <= maxChars;
}
