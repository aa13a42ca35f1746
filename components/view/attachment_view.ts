/**
 * The templates of attachments: the files of the next message, those of a sent one, the button, and the drop zone.
 * @module
 */
import { html, type LitElement, nothing, svg, type TemplateResult } from "lit";
import type { ContentPart } from "../../protocol/chat_request.ts";
import { attachedName, fileText } from "../chat/question_content.ts";
import { attachedUrl } from "../chat/sent_attachments.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { fillString } from "../locales/core_strings.ts";
import { closeOnEscape, closeWhenLeft } from "./header_menu.ts";
import { CLOSE, icon, RETRY } from "./icons.ts";

const CLIP = icon(
  svg`<path d="m20 11-8.5 8.500a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.700l-8.4 8.400a1.7 1.7 0 0 1-2.4-2.400L14.5 7" />`,
);
const CAMERA = icon(
  svg`
    <path
      d="M4 8.500a1.500 1.500 0 0 1 1.500-1.500H8l1.500-2.500h5L16 7h2.500A1.500 1.500 0 0 1 20 8.500v9a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 4 17.500z" />
    <circle cx="12" cy="13" r="3.500" />
  `,
);
const DROP = icon(svg`<path d="M12 4v11M7 10l5 5 5-5M5 19.500h14" />`);

/** A file as it is shown. */
export interface ShownFile {
  readonly name: string;
  /** Its type, such as "PDF". */
  readonly type: string;
  readonly bytes?: number | undefined;
  /** The URL of an image that may be shown. */
  readonly preview?: string | undefined;
  /** What the file waits for, or why it cannot be sent; in place of type and size. */
  readonly note?: string | undefined;
  readonly isFailed?: boolean;
  /** Undefined if it is not known; absent if the file is ready. */
  readonly progress?: { readonly value: number | undefined; readonly label: string } | undefined;
  readonly onRemove?: () => void;
  readonly onRetry?: () => void;
}

/** What all templates need. */
export interface AttachmentViewOptions {
  readonly strings: ChatStrings;
  /** The language of sizes, such as `de`. */
  readonly language: string;
}

/** Renders a list of files. */
export function renderFiles(files: readonly ShownFile[], options: AttachmentViewOptions): unknown {
  if (files.length === 0) return nothing;
  return html`
    <ul class="files" part="files" role="list" aria-label=${options.strings.attached}>
      ${files.map((file) => renderFile(file, options))}
    </ul>
  `;
}

function renderFile(file: ShownFile, { strings, language }: AttachmentViewOptions): TemplateResult {
  const { name, type, bytes, preview, note, isFailed, progress, onRemove, onRetry } = file;
  const size = bytes === undefined ? "" : formatBytes(bytes, language);
  const remove = (event: Event) => {
    onRemove?.();
    void focusNext(event.currentTarget as Element);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Delete" || event.key === "Backspace") remove(event);
  };
  return html`
    <li class="file ${isFailed ? "failed" : ""}" part="file">
      ${preview
        ? html`<img class="file-mark" src=${preview} alt="">`
        : html`<span class="file-mark" aria-hidden="true">${type.slice(0, 4)}</span>`}
      <span class="file-text">
        <span class="file-name" title=${name}><bdi>${name}</bdi></span>
        <span class="file-note">${note ?? html`<bdi>${type}</bdi>${
          size
            ? html`
              · <bdi>${size}</bdi>
            `
            : nothing
        }`}</span>
      </span>
      ${onRetry
        ? html`
          <button type="button" class="small" aria-label="${strings.retry}: ${name}" title=${strings
            .retry} @click=${onRetry}>
            ${RETRY}
          </button>
        `
        : nothing}
      ${onRemove
        ? html`
          <button
            type="button"
            class="small file-remove"
            aria-label=${fillString(strings.removeFile, { name })}
            title=${fillString(strings.removeFile, { name })}
            @click=${remove}
            @keydown=${onKeyDown}
          >${CLOSE}</button>
        `
        : nothing}
      ${progress
        ? html`<progress class="file-progress" max="1" value=${
          progress.value ?? nothing
        } aria-label=${progress.label}></progress>`
        : nothing}
    </li>
  `;
}

/** Focuses the button that removes the next file, or the box after the last one. */
async function focusNext(button: Element): Promise<void> {
  const place = button.closest(".composer, .editor");
  const index = [...place?.querySelectorAll(".file-remove") ?? []].indexOf(button);
  await ((button.getRootNode() as ShadowRoot).host as LitElement).updateComplete;
  const buttons = place?.querySelectorAll<HTMLElement>(".file-remove");
  (buttons?.[Math.min(index, buttons.length - 1)] ?? place?.querySelector("textarea"))?.focus();
}

/** Renders why files could not be attached, each with its name. */
export function renderRefused(reasons: readonly string[]): unknown {
  if (reasons.length === 0) return nothing;
  return html`<div class="file-errors" role="alert">${reasons.map((reason) => html`<p>${reason}</p>`)}</div>`;
}

/** Renders the zone that takes dragged files. */
export function renderDropZone(label: string): TemplateResult {
  return html`<div class="drop-zone" part="drop-zone">${DROP}<span>${label}</span></div>`;
}

/** What the attach button needs. */
export interface AttachButtonOptions {
  readonly strings: ChatStrings;
  /** The limits, for the button's title. */
  readonly limits: string;
  readonly accept: string;
  /** True for a device with a camera in the hand: the visitor chooses between it and the files. */
  readonly hasCamera: boolean;
  onFiles(files: readonly File[]): void;
}

/**
 * Renders the button that opens the file picker. On touch screens it opens a menu: a picker for several kinds of files
 * offers no camera on Android.
 */
export function renderAttachButton(options: AttachButtonOptions): TemplateResult {
  const { strings, limits, accept, hasCamera, onFiles } = options;
  const onPick = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    onFiles([...input.files ?? []]);
    input.value = "";
  };
  const pick = (name: string) => (event: Event) => {
    const root = (event.currentTarget as Element).closest(".attach");
    root?.querySelector("details")?.removeAttribute("open");
    root?.querySelector<HTMLInputElement>(`input[name=${name}]`)?.click();
  };
  const label = `${strings.attach}. ${limits}`;
  return html`
    <span class="attach">
      <input type="file" name="files" multiple hidden accept=${accept} @change=${onPick}>
      ${hasCamera
        ? html`
          <input type="file" name="camera" hidden accept="image/*" capture="environment" @change=${onPick}>
          <details class="menu" @focusout=${closeWhenLeft} @keydown=${closeOnEscape}>
            <summary class="plain" part="attach-button" aria-label=${label} title=${limits}>${CLIP}</summary>
            <div class="menu-items">
              <button type="button" class="plain" @click=${pick("camera")}>${CAMERA}${strings.takePhoto}</button>
              <button type="button" class="plain" @click=${pick("files")}>${CLIP}${strings.chooseFiles}</button>
            </div>
          </details>
        `
        : html`
          <button type="button" class="plain" part="attach-button" aria-label=${label} title=${limits} @click=${pick(
            "files",
          )}>
            ${CLIP}
          </button>
        `}
    </span>
  `;
}

/** Renders the attachments of a message that is edited, each with a button that removes it. */
export function renderEdited(
  parts: readonly ContentPart[],
  options: AttachmentViewOptions,
  onRemove: (part: ContentPart) => void,
): unknown {
  const files = parts.map((part) => ({ ...describeSent(part, options.strings), onRemove: () => onRemove(part) }));
  return renderFiles(files, options);
}

/** How sent attachments are shown. */
export interface SentOptions extends AttachmentViewOptions {
  /** The origins whose images load without asking, separated by spaces. */
  readonly imageOrigins: string;
  /** The visitor's own images by the URLs to which they were uploaded. */
  readonly previews: ReadonlyMap<string, string>;
  /** The URLs of the images that the visitor has allowed. */
  readonly allowed: ReadonlySet<string>;
  /** The visitor allows one more. */
  onAllow(url: string): void;
}

/** Renders the attachments of a sent message: pictures, then the other files. */
export function renderSent(parts: readonly ContentPart[], options: SentOptions): unknown {
  const { strings, allowed, onAllow } = options;
  const urls = parts.flatMap((part) => part.type === "image_url" ? [part.image_url.url] : []);
  const files = parts.filter(({ type }) => type !== "image_url");
  const pictures = urls.map((url) => {
    const source = allowed.has(url) ? url : pictureSource(url, options);
    return source === undefined ? renderMissing(url, strings, () => onAllow(url)) : renderPicture(source, strings);
  });
  return html`
    <div class="sent">
      ${pictures.length > 0 ? html`<div class="pictures">${pictures}</div>` : nothing}
      ${renderFiles(files.map((part) => describeSent(part, strings)), options)}
    </div>
  `;
}

function renderPicture(source: string, strings: ChatStrings): TemplateResult {
  // `src` comes last: an earlier one would start a request without the policies.
  return html`<img class="picture" crossorigin="anonymous" referrerpolicy="no-referrer" alt=${strings.imageSent} src=${source}>`;
}

/** Renders an image that is not shown: one that was not stored, or of a site that would see the visitor. */
function renderMissing(url: string, strings: ChatStrings, onLoad: () => void): TemplateResult {
  if (!/^https?:/i.test(url)) return html`<span class="picture-gone">${strings.imageSent}: ${strings.fileGone}</span>`;
  const blocked = fillString(strings.imageBlocked, { host: URL.parse(url)?.host ?? "" });
  return html`
    <button type="button" class="plain picture-blocked" @click=${onLoad}>
      <span>${blocked}. <b>${strings.loadImage}</b></span>
    </button>
  `;
}

/** The URL to show for an image; undefined if it must not be loaded without asking. */
function pictureSource(url: string, { imageOrigins, previews }: SentOptions): string | undefined {
  if (/^data:image\/(?:png|jpeg|gif|webp|avif);base64,/.test(url)) return url;
  const isAllowed = /^https?:/i.test(url) && imageOrigins.split(/\s+/).includes(URL.parse(url)?.origin ?? "");
  return previews.get(url) ?? (isAllowed ? url : undefined);
}

/** A part of a sent message as a file. */
function describeSent(part: ContentPart, strings: ChatStrings): ShownFile {
  const name = attachedName(part) ?? strings.imageSent;
  const url = attachedUrl(part);
  const type = fileType(name, /^data:([^;,]*)/.exec(url ?? "")?.[1] ?? "");
  if (url === undefined) return { name, type, bytes: part.type === "text" ? textBytes(part.text) : undefined };
  if (url === "") return { name, type, note: strings.fileGone };
  if (!url.startsWith("data:")) return { name, type };
  const base64 = url.slice(url.indexOf(",") + 1);
  const bytes = Math.floor(base64.length * 0.75) - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
  return { name, type, bytes, preview: part.type === "image_url" ? url : undefined };
}

/** The size of a text file, without the name and the fence around it. */
function textBytes(text: string): number {
  return new Blob([text]).size - new Blob([fileText(attachedName({ type: "text", text }) ?? "", "")]).size;
}

/** A short name of a file's type: its extension, else its subtype. */
export function fileType(name: string, type: string): string {
  const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1];
  return (extension ?? /\/(?:x-)?([a-z0-9]+)/i.exec(type)?.[1] ?? "").toUpperCase();
}

/** A size in the units of a language, such as "1.2 MB". */
export function formatBytes(bytes: number, language: string): string {
  const isLarge = bytes >= 1e6;
  const value = isLarge ? bytes / 1e6 : Math.max(1, bytes / 1e3);
  const unit = isLarge ? "megabyte" : "kilobyte";
  const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: isLarge ? 1 : 0 } as const;
  try {
    return new Intl.NumberFormat(language || undefined, options).format(value);
  } catch {
    // Not a language.
    return new Intl.NumberFormat(undefined, options).format(value);
  }
}
