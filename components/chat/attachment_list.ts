/**
 * The attachments of the next message: checks files, reads or uploads them, and takes them from the picker, the
 * clipboard and the pointer. `view/attachment_composer.ts` renders them.
 * @module
 */
import type { ChatMessage, ContentPart } from "../../protocol/chat_request.ts";
import type { ChatSessionConfig } from "./chat_session.ts";
import type { ChatUpload } from "./chat_upload.ts";
import {
  type AttachmentRules,
  type FileKind,
  fileKind,
  isReadable,
  MAX_ALL_TEXT_BYTES,
  MAX_FILES,
  MAX_TEXT_BYTES,
  maxAttachedChars,
  type Refusal,
  refusalOf,
} from "./attachment_rules.ts";
import { previewOf, readAttachment, UnreadableFileError } from "./read_attachment.ts";
import { attachedUrl, withoutOldAttachments } from "./sent_attachments.ts";
import { fetchModels, modelsUrl, ServerModels } from "./server_models.ts";

/** A file of the next message. */
export interface AttachedFile {
  readonly id: number;
  readonly file: File;
  readonly kind: FileKind;
  readonly status: "reading" | "uploading" | "ready" | "failed";
  /** From 0 to 1; undefined if it is not known. */
  readonly progress?: number | undefined;
  /** The image as a `data:` URL. */
  readonly preview?: string | undefined;
  readonly part?: ContentPart;
  /** The model that is chosen now does not take the file. */
  readonly isUnsupported?: boolean;
}

/** A file that cannot be attached. */
export interface RefusedFile {
  readonly name: string;
  readonly type: string;
  readonly reason: Refusal | "unreadable";
  /** The maximum size in bytes, where that is the reason. */
  readonly maxBytes: number;
}

/** What the list needs from its element. */
export interface AttachmentHost {
  readonly element: HTMLElement;
  /** The settings of the element. Read for each file. */
  readSettings(): AttachmentSettings;
  /** The list must be rendered again. */
  onChange(): void;
  /** Files were attached or removed. */
  onCount(count: number): void;
}

/** The settings that attachments depend on. */
export interface AttachmentSettings extends ChatSessionConfig {
  /** As in `<input accept>`. */
  readonly accept: string;
  /** Undefined if files are sent in the message. */
  readonly upload: ChatUpload | undefined;
}

/** The attachments of the next message. */
export class AttachmentList {
  /** The images of uploaded files by URL: the visitor's own, so they are shown without a request. */
  readonly previews = new Map<string, string>();
  /** The files of the message that waits for the running answer. They count for the limits. */
  queued: readonly AttachedFile[] = [];
  /** The files that could not be attached the last time. */
  refused: readonly RefusedFile[] = [];
  /** True while files are dragged over the chat. */
  isDragging = false;
  readonly #host: AttachmentHost;
  #events = new AbortController();
  readonly #aborts = new Map<number, AbortController>();
  #files: readonly AttachedFile[] = [];
  #limits = new ServerModels();
  #loading: { readonly endpoint: string; readonly limits: Promise<ServerModels | undefined> } | undefined;
  #nextId = 1;
  /** How many elements the dragged files are over: leaving one of them does not leave the chat. */
  #entered = 0;

  /** @param host the element and its settings */
  constructor(host: AttachmentHost) {
    this.#host = host;
  }

  /** Takes pasted and dropped files, until the list is closed. */
  listen(): void {
    this.#events.abort();
    const { signal } = this.#events = new AbortController();
    const { element } = this.#host;
    for (const type of ["dragenter", "dragover", "dragleave", "drop"] as const) {
      element.addEventListener(type, (event) => this.#onDrag(event), { signal });
    }
    element.addEventListener("paste", (event) => this.#onPaste(event), { signal });
  }

  /** The files in order. */
  get files(): readonly AttachedFile[] {
    return this.#files;
  }

  /** True if some file is not ready to be sent. */
  get isBlocked(): boolean {
    return this.#files.some(({ status, isUnsupported }) => status !== "ready" || isUnsupported);
  }

  /** What the page and the server allow, as far as that is known. */
  get rules(): AttachmentRules {
    const { request, accept, upload } = this.#host.readSettings();
    const unsent = [...this.queued, ...this.#files];
    const used = unsent.reduce((sum, file) => sum + charsOf(file), 0);
    const texts = unsent.reduce((sum, { kind, file }) => sum + (kind === "text" ? file.size : 0), 0);
    return {
      accept,
      hasUpload: upload !== undefined,
      input: this.#limits.inputOf(request?.model),
      maxChars: maxAttachedChars(this.#limits) - used,
      maxTextBytes: Math.min(MAX_TEXT_BYTES, MAX_ALL_TEXT_BYTES - texts),
    };
  }

  /** Adds the files to those of the queued message. */
  queue(): void {
    this.queued = [...this.queued, ...this.#files];
    this.clear(this.#files);
  }

  /** Puts files that were not sent back, before the others. */
  putBack(files: readonly AttachedFile[]): void {
    this.#files = [...files, ...this.#files];
  }

  /** Replaces the oldest attachments that would make a request too large. */
  async limit(messages: readonly ChatMessage[]): Promise<readonly ChatMessage[]> {
    return withoutOldAttachments(messages, maxAttachedChars(await this.readLimits()));
  }

  /** Requests what the server allows, once for each endpoint. */
  async readLimits(): Promise<ServerModels> {
    const { endpoint, ...call } = this.#host.readSettings();
    if (this.#loading?.endpoint !== String(endpoint)) {
      this.#loading = { endpoint: String(endpoint), limits: fetchModels(modelsUrl(endpoint, document.baseURI), call) };
    }
    const limits = await this.#loading.limits;
    // After a failure, the next file asks again.
    if (limits === undefined) this.#loading = undefined;
    return this.#limits = limits ?? new ServerModels();
  }

  /** Adds files, and names each one that cannot be attached. Resolves when they are read or uploaded. */
  async add(files: Iterable<File>): Promise<void> {
    const added = [...files].map((file): AttachedFile => {
      return { id: this.#nextId++, file, kind: fileKind(file), status: "reading" };
    });
    this.refused = [];
    this.#files = [...this.#files, ...added];
    this.#host.onChange();
    await this.readLimits();
    const accepted = this.#accept(added);
    this.#host.onChange();
    if (accepted.length > 0) this.#host.onCount(this.#files.length);
    await Promise.all(accepted.map((file) => this.#load(file)));
  }

  /** Uploads a file again that has failed. */
  async retry(id: number): Promise<void> {
    const file = this.#find(id);
    if (file?.status === "failed") await this.#load(file);
  }

  /** Removes a file. */
  remove(id: number): void {
    this.#aborts.get(id)?.abort();
    this.#files = this.#files.filter((file) => file.id !== id);
    this.refused = [];
    this.#host.onCount(this.#files.length);
    this.#host.onChange();
  }

  /** Removes files that were sent. Those that were added meanwhile stay. */
  clear(sent: readonly AttachedFile[]): void {
    const ids = new Set(sent.map(({ id }) => id));
    this.#files = this.#files.filter(({ id }) => !ids.has(id));
    this.refused = [];
  }

  /** Checks the files again, as another model is chosen. */
  recheck(): void {
    const { input } = this.rules;
    this.#files = this.#files.map((file) => ({ ...file, isUnsupported: !isReadable(file.kind, input) }));
  }

  /** Removes all files, ends their uploads, and takes no more. */
  close(): void {
    this.#events.abort();
    for (const abort of this.#aborts.values()) abort.abort();
    this.#files = this.queued = [];
  }

  /** Drops those of `added` that are not allowed beside the other files. */
  #accept(added: readonly AttachedFile[]): readonly AttachedFile[] {
    // The visitor may have removed some of them meanwhile.
    const left = added.filter(({ id }) => this.#find(id));
    const ids = new Set(left.map(({ id }) => id));
    this.#files = this.#files.filter(({ id }) => !ids.has(id));
    return left.filter((attached) => {
      const count = this.queued.length + this.#files.length;
      const reason = count >= MAX_FILES ? "count" : refusalOf(attached.file, this.rules);
      if (reason === undefined) this.#files = [...this.#files, attached];
      else this.#refuse(attached.file, reason);
      return reason === undefined;
    });
  }

  async #load({ id, file, kind }: AttachedFile): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    const { upload } = this.#host.readSettings();
    const options = {
      signal: abort.signal,
      onProgress: (progress: number) => this.#update(id, { progress: Math.min(1, Math.max(0, progress)) }),
    };
    this.#update(id, { status: upload ? "uploading" : "reading", progress: undefined });
    if (upload && kind === "image") void previewOf(file).then((preview) => this.#update(id, { preview }));
    try {
      const part = upload
        ? toPart(file, kind, await upload(file, options))
        : await readAttachment(file, kind, { ...options, maxChars: maxAttachedChars(this.#limits) });
      if (abort.signal.aborted) return;
      if (!upload && this.rules.maxChars + charsOf(this.#find(id)) < (attachedUrl(part)?.length ?? 0)) {
        return this.#drop(file, id, "size");
      }
      const preview = upload || part.type !== "image_url" ? {} : { preview: part.image_url.url };
      this.#update(id, { status: "ready", part, ...preview });
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!upload) return this.#drop(file, id, error instanceof UnreadableFileError ? "type" : "unreadable");
      this.#update(id, { status: "failed" });
      // The visitor sees the failure, the page's developer finds the cause in the console.
      console.warn(error);
    } finally {
      this.#aborts.delete(id);
    }
  }

  #drop(file: File, id: number, reason: RefusedFile["reason"]): void {
    this.#files = this.#files.filter((other) => other.id !== id);
    this.#refuse(file, reason);
    this.#host.onChange();
  }

  #refuse(file: File, reason: RefusedFile["reason"]): void {
    const maxBytes = maxAttachedChars(this.#limits) / 4 * 3;
    this.refused = [...this.refused, { name: file.name, type: file.type, reason, maxBytes }];
  }

  #find(id: number): AttachedFile | undefined {
    return this.#files.find((file) => file.id === id);
  }

  #update(id: number, change: Partial<AttachedFile>): void {
    this.#files = this.#files.map((file) => file.id === id ? { ...file, ...change } : file);
    const { part, preview } = this.#find(id) ?? {};
    const url = part && attachedUrl(part);
    if (url !== undefined && !url.startsWith("data:") && preview !== undefined) this.previews.set(url, preview);
    this.#host.onChange();
  }

  #onPaste(event: ClipboardEvent): void {
    const { files, types } = event.clipboardData ?? {};
    // Office programs copy a picture of the text beside the text.
    if (files === undefined || files.length === 0 || types?.includes("text/plain")) return;
    event.preventDefault();
    void this.add([...files]);
  }

  #onDrag(event: DragEvent): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    if (event.type === "dragenter") this.#entered++;
    if (event.type === "dragleave") this.#entered = Math.max(0, this.#entered - 1);
    if (event.type === "drop") {
      this.#entered = 0;
      void this.add([...event.dataTransfer.files]);
    }
    const isDragging = this.#entered > 0;
    if (isDragging === this.isDragging) return;
    this.isDragging = isDragging;
    this.#host.onChange();
  }
}

/** The size of a file in the message. Before it is read, that of its base64; an image is small once it is scaled. */
function charsOf(file: AttachedFile | undefined): number {
  if (file === undefined) return 0;
  if (file.part !== undefined) return attachedUrl(file.part)?.length ?? 0;
  return file.kind === "pdf" || file.kind === "other" ? file.file.size / 3 * 4 : 0;
}

function toPart(file: File, kind: FileKind, result: string | ContentPart): ContentPart {
  if (typeof result !== "string") return result;
  if (kind === "image") return { type: "image_url", image_url: { url: result } };
  return { type: "file", file: { file_data: result, filename: file.name } };
}
