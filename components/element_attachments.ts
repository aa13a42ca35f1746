/**
 * The attachments of one element: connects the list of files with its templates. Loaded lazily.
 * @module
 */
import type { ChatMessage, ContentPart } from "../protocol/chat_request.ts";
import { type AttachedFile, AttachmentList } from "./chat/attachment_list.ts";
import type { ChatSessionConfig } from "./chat/chat_session.ts";
import { questionContent } from "./chat/question_content.ts";
import type { ChatStreamProperties } from "./chat_stream_properties.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import { fillString } from "./locales/core_strings.ts";
import { type ComposerAttachments, renderAttachments, renderQueued } from "./view/attachment_composer.ts";
import { type AttachmentViewOptions, renderEdited, renderSent } from "./view/attachment_view.ts";
import type { TranscriptAttachments } from "./view/transcript.ts";
import type { UnsentFiles } from "./view/unsent_text.ts";

/** What attachments need from their element. */
export interface AttachmentsHandler {
  /** Where requests go and what they carry. Read for each file. */
  readConfig(): ChatSessionConfig;
  /** Announces a message to screen readers. */
  announce(text: string): void;
}

/** The attachments of one element. */
export class ElementAttachments implements TranscriptAttachments, UnsentFiles {
  readonly renderEdited: TranscriptAttachments["renderEdited"] = renderEdited;
  /** Changes when sent attachments must be rendered again. */
  version = 1;
  readonly #element: ChatStreamProperties;
  readonly #list: AttachmentList;
  /** The URLs of the images of other sites that the visitor has allowed. */
  readonly #allowed = new Set<string>();
  #isEnabled = false;
  #view: AttachmentViewOptions | undefined;

  /** @param element the element, with what its page allows @param handler reads the other settings */
  constructor(element: ChatStreamProperties, handler: AttachmentsHandler) {
    this.#element = element;
    this.#list = new AttachmentList({
      element,
      readSettings: () => ({ ...handler.readConfig(), accept: element.accept, upload: element.upload }),
      onChange: () => element.requestUpdate(),
      onCount: (count) => handler.announce(fillString(this.#view?.strings.filesAttached ?? "", { count })),
    });
  }

  /** Whether the visitor can attach files. Those of sent messages are shown anyway. */
  enable(isEnabled: boolean): void {
    this.#isEnabled = isEnabled;
    if (isEnabled) this.#list.listen();
    else this.#list.close();
  }

  /** Renders the files of the next message. */
  render(strings: ChatStrings, language: string): Partial<ComposerAttachments> {
    this.#view = { strings, language };
    return this.#isEnabled ? renderAttachments(this.#list, this.#view) : {};
  }

  /** Renders the attachments of a sent message. */
  renderSent(
    ...[parts, { strings, language, imageOrigins }]: Parameters<TranscriptAttachments["renderSent"]>
  ): unknown {
    return renderSent(parts, {
      strings,
      language,
      imageOrigins,
      previews: this.#list.previews,
      allowed: this.#allowed,
      onAllow: (url) => {
        this.#allowed.add(url);
        this.version++;
        this.#element.requestUpdate();
      },
    });
  }

  /** Combines `text` and files, by default those of the next message, into the content of a message. */
  withText(text: string, files: readonly AttachedFile[] = this.files): string | readonly ContentPart[] {
    return questionContent(text, files.flatMap(({ part }) => part === undefined ? [] : [part]));
  }

  /** Whether the queued message has files. */
  get hasQueued(): boolean {
    return this.#list.queued.length > 0;
  }

  /** Moves the files of the next message to the queued message. */
  queue(): void {
    this.#list.queue();
  }

  /** Removes the files of the queued message, and returns them. */
  takeQueued(): readonly AttachedFile[] {
    const { queued } = this.#list;
    this.#list.queued = [];
    return queued;
  }

  /** Puts files that were not sent back to those of the next message. */
  putBack(files: readonly AttachedFile[]): void {
    this.#list.putBack(files);
    this.#list.recheck();
    this.#element.requestUpdate();
  }

  /** Renders the files of the queued message. */
  renderQueued(): unknown {
    return this.#view && renderQueued(this.#list.queued, this.#view);
  }

  /** The files of the next message. */
  get files(): readonly AttachedFile[] {
    return this.#list.files;
  }

  /** Removes files that were sent. Those that were added meanwhile stay. */
  clear(sent: readonly AttachedFile[]): void {
    this.#list.clear(sent);
  }

  /** Checks the files again, as another model is chosen. */
  recheck(): void {
    this.#list.recheck();
  }

  /** Replaces the oldest attachments that would make a request too large. */
  limit(messages: readonly ChatMessage[]): Promise<readonly ChatMessage[]> {
    return this.#list.limit(messages);
  }
}
