/**
 * Translates the content of messages into Anthropic's content blocks.
 * @see https://docs.anthropic.com/en/api/messages#body-messages
 * @module
 */
import { ChatError } from "../../protocol/chat_error.ts";
import type { ChatMessage, ContentPart } from "../../protocol/chat_request.ts";

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
      throw cannotExpress(path, "a content part that this model accepts: it accepts no sound");
    default:
      return part satisfies never;
  }
}

function toTextBlocks(text: string): readonly ContentBlock[] {
  return text.trim() === "" ? [] : [{ type: "text", text }];
}

function toImageSource(url: string, path: string): object {
  const data = parseDataUrl(url);
  if (data !== undefined) return { type: "base64", media_type: data.mediaType, data: data.base64 };
  if (/^https?:\/\//i.test(url)) return { type: "url", url };
  throw cannotExpress(path, "a data: URL in base64, or an address on the web");
}

/** A PDF or a text. OpenAI's API has a `data:` URL there; some clients send the base64 alone. */
function toDocument(
  { file_data, filename }: { readonly file_data: string; readonly filename?: string },
  path: string,
): ContentBlock {
  const { mediaType, base64 } = parseDataUrl(file_data) ??
    { mediaType: guessMediaType(file_data, filename), base64: file_data };
  const title = filename === undefined ? {} : { title: filename };
  if (mediaType === "application/pdf") {
    return { type: "document", source: { type: "base64", media_type: mediaType, data: base64 }, ...title };
  }
  const text = mediaType?.startsWith("text/") ? decodeText(base64) : undefined;
  if (text === undefined) throw cannotExpress(path, "a PDF or a text, as a data: URL in base64");
  return { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
}

/** "%PDF-" in base64 begins like this. */
const PDF_START = "JVBERi0";

function guessMediaType(base64: string, filename = ""): string | undefined {
  return base64.startsWith(PDF_START) || /\.pdf$/i.test(filename) ? "application/pdf" : undefined;
}

function parseDataUrl(url: string): { readonly mediaType: string; readonly base64: string } | undefined {
  const comma = url.indexOf(",");
  const [, mediaType] = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w=.-]+)*;base64$/i.exec(url.slice(0, Math.max(0, comma))) ??
    [];
  return mediaType === undefined ? undefined : { mediaType: mediaType.toLowerCase(), base64: url.slice(comma + 1) };
}

function decodeText(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The error for something that the API has no way to say. */
export function cannotExpress(path: string, wanted: string): ChatError {
  return new ChatError("InvalidRequestFormat", `${path} must be ${wanted}`, { body: { path } });
}
