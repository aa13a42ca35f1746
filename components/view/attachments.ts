/**
 * Attachments of a message: images, which the browser scales down, and text files.
 * @module
 */
import { html, nothing, svg, type TemplateResult } from "lit";
import type { ContentPart } from "../../protocol/chat_request.ts";
import { fileText } from "../chat/question_content.ts";
import { CLOSE, icon } from "./icons.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { fillString } from "../locales/core_strings.ts";

/** The maximum number of files in one message. */
export const MAX_FILES = 4;
/** The maximum length of the longer side of a sent image, in pixels. */
export const MAX_IMAGE_PIXELS = 1024;
/** The maximum size of a sent image, in bytes. Every request contains the whole history. */
export const MAX_IMAGE_BYTES = 160 * 1024;
/** The maximum size of an image file, in bytes. */
export const MAX_IMAGE_FILE_BYTES = 20 * 1024 * 1024;
/** The maximum size of a text file, in bytes. */
export const MAX_TEXT_BYTES = 64 * 1024;

const IMAGE_TYPES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"]);
const TEXT_NAME =
  /\.(?:txt|md|csv|tsv|json|ya?ml|xml|html?|css|[jt]sx?|mjs|py|rb|rs|go|java|c|h|cpp|cs|php|sh|sql|toml|ini|log|tex)$/i;
/** Tried in this order until the image is small enough. */
const JPEG_QUALITIES = [0.85, 0.7, 0.5];
const CLIP = icon(
  svg`<path d="m20 11-8.5 8.500a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.700l-8.4 8.400a1.7 1.7 0 0 1-2.4-2.400L14.5 7" />`,
);

/** A file that is ready to be sent. */
export interface Attachment {
  readonly name: string;
  readonly part: ContentPart;
}

/** The reason why a file cannot be attached. */
export class AttachmentError extends Error {
  override readonly name = "AttachmentError";
  readonly reason: "type" | "size" | "count";
  readonly fileName: string;

  /** @param reason which rule the file breaks @param fileName the name of the file */
  constructor(reason: "type" | "size" | "count", fileName: string) {
    super(`Cannot attach "${fileName}": ${reason}`);
    this.reason = reason;
    this.fileName = fileName;
  }
}

/**
 * Reads a file as a part of a message: an image as a small JPEG in a `data:` URL, a text file as text with its name.
 * @throws {AttachmentError} if it is neither, or too large
 */
export async function readAttachment(file: File): Promise<Attachment> {
  if (IMAGE_TYPES.has(file.type)) {
    if (file.size > MAX_IMAGE_FILE_BYTES) throw new AttachmentError("size", file.name);
    return { name: file.name, part: { type: "image_url", image_url: { url: await shrinkImage(file) } } };
  }
  if (!file.type.startsWith("text/") && !TEXT_NAME.test(file.name)) throw new AttachmentError("type", file.name);
  if (file.size > MAX_TEXT_BYTES) throw new AttachmentError("size", file.name);
  const text = await file.text();
  // Binary data contains zeros.
  if (text.includes("\0")) throw new AttachmentError("type", file.name);
  return { name: file.name, part: { type: "text", text: fileText(file.name, text) } };
}

async function shrinkImage(file: File): Promise<string> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new AttachmentError("type", file.name);
  });
  const scale = Math.min(1, MAX_IMAGE_PIXELS / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (context === null) throw new AttachmentError("type", file.name);
  // JPEG has no transparency: transparent pixels become white instead of black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  for (const quality of JPEG_QUALITIES) {
    const url = canvas.toDataURL("image/jpeg", quality);
    // Base64: three bytes become four characters.
    if (url.length * 0.75 <= MAX_IMAGE_BYTES) return url;
  }
  throw new AttachmentError("size", file.name);
}

/** The attachments of the next message. */
export class AttachmentList {
  readonly #onChange: () => void;
  #items: readonly Attachment[] = [];
  #error: AttachmentError | undefined;

  /** @param onChange called when the list must be rendered again */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The files as parts of a message. */
  get parts(): readonly ContentPart[] {
    return this.#items.map(({ part }) => part);
  }

  /** Combines `text` and the files into the content of a message. */
  withText(text: string): string | readonly ContentPart[] {
    if (this.#items.length === 0) return text;
    return [...text.trim() === "" ? [] : [{ type: "text", text } as const], ...this.parts];
  }

  /** Adds files. The first one that cannot be attached is named in the list. */
  async add(files: Iterable<File>): Promise<void> {
    this.#error = undefined;
    for (const file of files) {
      try {
        if (this.#items.length >= MAX_FILES) throw new AttachmentError("count", file.name);
        const item = await readAttachment(file);
        this.#items = [...this.#items, item];
      } catch (error) {
        if (!(error instanceof AttachmentError)) throw error;
        this.#error ??= error;
      }
    }
    this.#onChange();
  }

  /** Removes all files. */
  clear(): void {
    this.#items = [];
    this.#error = undefined;
  }

  /** Renders the files, each with a button that removes it, and the reason for a rejected file. */
  render(strings: ChatStrings): TemplateResult | typeof nothing {
    if (this.#items.length === 0 && this.#error === undefined) return nothing;
    return html`
      <div class="files" part="files">
        ${this.#items.map((item) =>
          html`
            <span class="file">${item.name}<button
              type="button"
              aria-label=${fillString(strings.removeFile, { name: item.name })}
              @click=${() => this.#remove(item)}
            >${CLOSE}</button></span>
          `
        )}
        ${this.#error ? html`<span class="file-error" role="alert">${describe(this.#error, strings)}</span>` : nothing}
      </div>
    `;
  }

  /** Renders the button that opens the file picker. Its title names the limits. */
  renderButton(strings: ChatStrings): TemplateResult {
    const limits = fillString(strings.attachLimits, { count: MAX_FILES, kilobytes: MAX_TEXT_BYTES / 1024 });
    const onPick = (event: Event) => {
      const input = event.currentTarget as HTMLInputElement;
      void this.add([...input.files ?? []]);
      input.value = "";
    };
    const pick = (event: Event) =>
      (event.currentTarget as Element).parentElement?.querySelector<HTMLInputElement>("input[type=file]")?.click();
    return html`
      <span class="attach">
        <input type="file" multiple hidden accept=${[...IMAGE_TYPES, "text/*", ".md,.csv,.json,.yaml,.py,.ts"]
          .join()} @change=${onPick}>
        <button type="button" class="plain" part="attach-button" aria-label=${`${strings.attach}. ${limits}`} title=${limits} @click=${pick}>
          ${CLIP}
        </button>
      </span>
    `;
  }

  #remove(item: Attachment): void {
    this.#items = this.#items.filter((other) => other !== item);
    this.#error = undefined;
    this.#onChange();
  }
}

function describe({ reason, fileName }: AttachmentError, strings: ChatStrings): string {
  const messages = { type: strings.fileType, size: strings.fileSize, count: strings.fileCount };
  return fillString(messages[reason], { name: fileName, count: MAX_FILES });
}
