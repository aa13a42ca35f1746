/**
 * Translates the content of messages into Anthropic's content blocks.
 * @see https://docs.anthropic.com/en/api/messages#body-messages
 * @module
 */
import type { ChatMessage, ContentPart } from "../../protocol/chat_request.ts";
import { parseDataUrl } from "../chat_events/data_url.ts";
import { unsupportedField } from "../chat_events/unsupported_field.ts";

/** A content block of a request. */
export interface ContentBlock {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The blocks of a message's content. Empty text is left out: the API refuses it. @param path of the content, for errors */
export function toContentBlocks(content: ChatMessage["content"], path: string): readonly ContentBlock[] {
  if (content === null) return [];
  if (typeof content === "string") return toTextBlocks(content);
  return content.flatMap((part, index) => toBlocks(part, `${path}[${index}]`));
}

function toBlocks(part: ContentPart, path: string): readonly ContentBlock[] {
  switch (part.type) {
    case "text":
      return toTextBlocks(part.text);
    case "refusal":
      return toTextBlocks(part.refusal);
    case "image_url":
      return [{ type: "image", source: toImageSource(part.image_url.url, `${path}.image_url.url`) }];
    case "file":
      return [toDocument(part.file, `${path}.file.file_data`)];
    case "input_audio":
      throw unsupportedField(path, "is sound, which this model's provider does not accept");
    default:
      return part satisfies never;
  }
}

function toTextBlocks(text: string): readonly ContentBlock[] {
  return text.trim() === "" ? [] : [{ type: "text", text }];
}

function toImageSource(url: string, path: string): object {
  const data = parseDataUrl(url);
  if (data !== undefined) return { type: "base64", media_type: data.mimeType, data: data.data };
  if (/^https?:\/\//i.test(url)) return { type: "url", url };
  throw unsupportedField(path, "must be a data: URL in base64, or an address on the web");
}

/** A PDF or a text. OpenAI's API has a `data:` URL there; some clients send the base64 alone, or the address of a PDF. */
function toDocument(
  { file_data, filename }: { readonly file_data: string; readonly filename?: string },
  path: string,
): ContentBlock {
  const title = filename === undefined ? {} : { title: filename };
  if (/^https?:\/\//i.test(file_data)) return { type: "document", source: { type: "url", url: file_data }, ...title };
  const inline = parseDataUrl(file_data);
  const mediaType = inline?.mimeType ?? guessMediaType(file_data, filename);
  const base64 = inline?.data ?? file_data;
  if (mediaType === "application/pdf") {
    return { type: "document", source: { type: "base64", media_type: mediaType, data: base64 }, ...title };
  }
  const text = mediaType?.startsWith("text/") ? decodeText(base64) : undefined;
  if (text === undefined) throw unsupportedField(path, "must be a PDF or a text, as a data: URL in base64");
  return { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
}

/** "%PDF-" in base64 begins like this. */
const PDF_START = "JVBERi0";

function guessMediaType(base64: string, filename = ""): string | undefined {
  return base64.startsWith(PDF_START) || /\.pdf$/i.test(filename) ? "application/pdf" : undefined;
}

function decodeText(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
