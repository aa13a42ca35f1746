/**
 * Reads files as parts of a message: images as small JPEGs, texts as text, anything else as base64.
 * @module
 */
import type { ContentPart } from "../../protocol/chat_request.ts";
import type { FileKind } from "./attachment_rules.ts";
import { fileText } from "./question_content.ts";

/** The maximum size of a sent image, in bytes. Every request contains the whole conversation. */
export const MAX_IMAGE_BYTES = 400 * 1024;
/** The lengths of the longer side of a sent image, in pixels, tried in turn. Models scale larger images down themselves. */
export const IMAGE_PIXELS: readonly number[] = [1568, 1024, 640];
/** The longer side of a preview, in pixels. */
const PREVIEW_PIXELS = 512;
const JPEG_QUALITIES = [0.85, 0.7];

/** How to read a file. */
export interface ReadOptions {
  /** The maximum size of the part, in UTF-16 code units. */
  readonly maxChars: number;
  readonly signal: AbortSignal;
  /** Called with the part of the file that is read, from 0 to 1. */
  onProgress(progress: number): void;
}

/** A file is not what it claims to be. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/**
 * Reads a file.
 * @throws {UnreadableFileError} if it is no image or no text
 * @throws {DOMException} `AbortError`, or the browser's error if the file is gone
 */
export async function readAttachment(file: File, kind: FileKind, options: ReadOptions): Promise<ContentPart> {
  switch (kind) {
    case "image": {
      const maxBytes = Math.min(MAX_IMAGE_BYTES, options.maxChars / 5);
      return { type: "image_url", image_url: { url: await scaleImage(file, IMAGE_PIXELS, maxBytes) } };
    }
    case "text": {
      const text = await file.text();
      // Binary data contains zeros.
      if (text.includes("\0")) throw new UnreadableFileError(file.name);
      return { type: "text", text: fileText(file.name, text) };
    }
    case "pdf":
      return toPart(file.name, await readDataUrl(new Blob([file], { type: "application/pdf" }), options));
    case "other":
      return toPart(file.name, await readDataUrl(file, options));
    default:
      return kind satisfies never;
  }
}

/** A small version of an image as a `data:` URL; undefined if the browser cannot read it. */
export async function previewOf(file: File): Promise<string | undefined> {
  return await scaleImage(file, [PREVIEW_PIXELS], Infinity).catch(() => undefined);
}

function toPart(filename: string, file_data: string): ContentPart {
  return { type: "file", file: { file_data, filename } };
}

/** `FileReader` reports progress, which `blob.arrayBuffer()` does not. */
function readDataUrl(blob: Blob, { signal, onProgress }: ReadOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = new FileReader();
  reader.onprogress = ({ loaded, total }) => onProgress(loaded / total);
  reader.onload = () => resolve(reader.result as string);
  reader.onerror = () => reject(reader.error);
  reader.onabort = () => reject(signal.reason);
  signal.addEventListener("abort", () => reader.abort());
  reader.readAsDataURL(blob);
  return promise;
}

/** The image as a JPEG in a `data:` URL, of the first size and quality that is small enough, else of the smallest. */
async function scaleImage(file: File, sides: readonly number[], maxBytes: number): Promise<string> {
  const bitmap = await createImageBitmap(file).catch((cause) => {
    throw new UnreadableFileError(file.name, { cause });
  });
  try {
    let url = "";
    for (const side of sides) {
      const canvas = draw(bitmap, side);
      for (const quality of JPEG_QUALITIES) {
        url = canvas.toDataURL("image/jpeg", quality);
        // Base64: three bytes become four characters.
        if (url.length * 0.75 <= maxBytes) return url;
      }
    }
    return url;
  } finally {
    bitmap.close();
  }
}

function draw(bitmap: ImageBitmap, side: number): HTMLCanvasElement {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (context === null) throw new UnreadableFileError("The browser has no memory for an image.");
  // JPEG has no transparency: transparent pixels become white instead of black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
