/**
 * A file of a client with another message format, as a part of our own messages.
 * @module
 */
import * as v from "valibot";
import type { ContentPart } from "../protocol/chat_request.ts";

/** The formats of sound that chat completions know, by media type. */
const AUDIO_FORMATS: ReadonlyMap<string, string> = new Map([
  ["audio/wav", "wav"],
  ["audio/x-wav", "wav"],
  ["audio/wave", "wav"],
  ["audio/mpeg", "mp3"],
  ["audio/mp3", "mp3"],
]);

/** What a file must be. */
const FILE_MESSAGE = "an image, or a file with its bytes as a data: URL in base64";

/** A file with its bytes, or an image with an address. */
export interface AttachedFile {
  readonly mediaType: string;
  /** A `data:` URL; of an image, also an address. */
  readonly url: string;
  readonly filename?: string | undefined;
}

/** The last step of a file's schema. @param toFile reads the client's format */
export function asContentPart<Json>(toFile: (json: Json) => AttachedFile): v.RawTransformAction<Json, ContentPart> {
  return v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const part = toContentPart(toFile(dataset.value));
    if (part !== undefined) return part;
    addIssue({ message: FILE_MESSAGE });
    return NEVER;
  });
}

/**
 * The part for a file: text as text, so that every model can read it.
 * @returns undefined where the file has only an address, and a provider would need its bytes
 */
function toContentPart({ mediaType, url, filename }: AttachedFile): ContentPart | undefined {
  if (mediaType === "image" || mediaType.startsWith("image/")) return { type: "image_url", image_url: { url } };
  const data = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1];
  if (data === undefined) return undefined;
  const format = AUDIO_FORMATS.get(mediaType);
  if (format !== undefined) return { type: "input_audio", input_audio: { data, format } };
  const text = mediaType.startsWith("text/") || mediaType === "application/json" ? decodeText(data) : undefined;
  if (text !== undefined) return { type: "text", text: filename === undefined ? text : `${filename}:\n${text}` };
  return { type: "file", file: { file_data: url, ...(filename !== undefined && { filename }) } };
}

/** The text in base64; undefined where it is none. */
function decodeText(data: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(data));
  } catch {
    return undefined;
  }
}
