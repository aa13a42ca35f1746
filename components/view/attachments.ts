/**
 * Files that go with a message: images, made small enough in the browser, and text.
 * @module
 */
import { html, nothing, svg, type TemplateResult } from "lit";
import type { ContentPart } from "../../protocol/chat_request.ts";
import { fileText } from "../chat/content_text.ts";
import { CLOSE, icon } from "./icons.ts";
import { type ChatStrings, fillString } from "../locales/strings.ts";

/** The most files with one message. */
export const MAX_FILES = 4;
/** The longer side of an image as it is sent, in pixels. */
export const MAX_IMAGE_PIXELS = 1024;
/** The most that an image may weigh as it is sent, in bytes: the history goes with every message. */
export const MAX_IMAGE_BYTES = 160 * 1024;
/** The largest image that is opened at all, in bytes. */
export const MAX_IMAGE_FILE_BYTES = 20 * 1024 * 1024;
/** The largest text file, in bytes. */
export const MAX_TEXT_BYTES = 64 * 1024;

const IMAGE_TYPES: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"]);
const TEXT_NAME =
  /\.(?:txt|md|csv|tsv|json|ya?ml|xml|html?|css|[jt]sx?|mjs|py|rb|rs|go|java|c|h|cpp|cs|php|sh|sql|toml|ini|log|tex)$/i;
/** Tried in this order until the image is light enough. */
const JPEG_QUALITIES = [0.85, 0.7, 0.5];
const CLIP = icon(
  svg`<path d="m20 11-8.5 8.500a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.700l-8.4 8.400a1.7 1.7 0 0 1-2.4-2.400L14.5 7" />`,
);

/** A file that is ready to go. */
export interface Attachment {
  readonly name: string;
  readonly part: ContentPart;
}

/** Why a file cannot go. */
export class AttachmentError extends Error {
  override readonly name = "AttachmentError";
  readonly reason: "type" | "size" | "count";
  readonly fileName: string;

  /** @param reason the kind of trouble @param fileName which file */
  constructor(reason: "type" | "size" | "count", fileName: string) {
    super(`Cannot attach "${fileName}": ${reason}`);
    this.reason = reason;
    this.fileName = fileName;
  }
}

/**
 * The file as a part of a message: an image as a small JPEG in a `data:` URL, text as text under its name.
 * @throws {AttachmentError} when it is neither, or too large
 */
export async function readAttachment(file: File): Promise<Attachment> {
  if (IMAGE_TYPES.has(file.type)) {
    if (file.size > MAX_IMAGE_FILE_BYTES) throw new AttachmentError("size", file.name);
    return { name: file.name, part: { type: "image_url", image_url: { url: await shrinkImage(file) } } };
  }
  if (!file.type.startsWith("text/") && !TEXT_NAME.test(file.name)) throw new AttachmentError("type", file.name);
  if (file.size > MAX_TEXT_BYTES) throw new AttachmentError("size", file.name);
  const text = await file.text();
  // Bytes that are no text come out as replacement characters and zeros.
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
  // JPEG has no transparency: what is clear becomes paper, not black.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  for (const quality of JPEG_QUALITIES) {
    const url = canvas.toDataURL("image/jpeg", quality);
    // Three bytes are four characters in a `data:` URL.
    if (url.length * 0.75 <= MAX_IMAGE_BYTES) return url;
  }
  throw new AttachmentError("size", file.name);
}

/** The files that wait for the next message. */
export class AttachmentList {
  readonly #onChange: () => void;
  #items: readonly Attachment[] = [];
  #trouble: AttachmentError | undefined;

  /** @param onChange called when there is something else to show */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The parts for the message. */
  get parts(): readonly ContentPart[] {
    return this.#items.map(({ part }) => part);
  }

  /** A message of `text` and the files. */
  withText(text: string): string | readonly ContentPart[] {
    if (this.#items.length === 0) return text;
    return [...text.trim() === "" ? [] : [{ type: "text", text } as const], ...this.parts];
  }

  /** Takes files in; the first that cannot go is named. */
  async add(files: Iterable<File>): Promise<void> {
    this.#trouble = undefined;
    for (const file of files) {
      try {
        if (this.#items.length >= MAX_FILES) throw new AttachmentError("count", file.name);
        const item = await readAttachment(file);
        this.#items = [...this.#items, item];
      } catch (error) {
        if (!(error instanceof AttachmentError)) throw error;
        this.#trouble ??= error;
      }
    }
    this.#onChange();
  }

  /** Takes all files out. */
  clear(): void {
    this.#items = [];
    this.#trouble = undefined;
  }

  /** The files with a way to take each out, and what is wrong with the one that was refused. */
  render(strings: ChatStrings): TemplateResult | typeof nothing {
    if (this.#items.length === 0 && this.#trouble === undefined) return nothing;
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
        ${this.#trouble
          ? html`<span class="file-trouble" role="alert">${describe(this.#trouble, strings)}</span>`
          : nothing}
      </div>
    `;
  }

  /** The button that opens the picker. Its title says what may go. */
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
    this.#trouble = undefined;
    this.#onChange();
  }
}

function describe({ reason, fileName }: AttachmentError, strings: ChatStrings): string {
  const words = { type: strings.fileType, size: strings.fileSize, count: strings.fileCount };
  return fillString(words[reason], { name: fileName, count: MAX_FILES });
}
