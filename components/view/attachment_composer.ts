/**
 * Renders an `AttachmentList` in the composer: what each file waits for, why others were refused, and what is allowed.
 * @module
 */
import { nothing } from "lit";
import type { AttachedFile, AttachmentList, RefusedFile } from "../chat/attachment_list.ts";
import { acceptOf, acceptsImages, MAX_FILES, MAX_IMAGE_FILE_BYTES, MAX_TEXT_BYTES } from "../chat/attachment_rules.ts";
import { fileKind } from "../chat/attachment_rules.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { fillString } from "../locales/core_strings.ts";
import {
  type AttachmentViewOptions,
  fileType,
  formatBytes,
  renderAttachButton,
  renderDropZone,
  renderFiles,
  renderRefused,
  type ShownFile,
} from "./attachment_view.ts";

/** What the composer shows of the attachments. */
export interface ComposerAttachments {
  readonly files: unknown;
  readonly button: unknown;
  /** Lies over the whole chat. */
  readonly dropZone: unknown;
  /** True if a message without text may be sent. */
  readonly canSendEmpty: boolean;
  /** True while some file is not ready to be sent. */
  readonly isBlocked: boolean;
}

/** Renders the attachments of the next message. */
export function renderAttachments(list: AttachmentList, options: AttachmentViewOptions): ComposerAttachments {
  const { strings } = options;
  const { rules } = list;
  return {
    files: [
      renderRefused(list.refused.map((file) => describeRefused(file, options))),
      renderFiles(list.files.map((file) => describeFile(file, list, strings)), options),
    ],
    button: renderAttachButton({
      strings,
      limits: fillString(strings.attachLimits, { count: MAX_FILES }),
      accept: acceptOf(rules),
      hasCamera: acceptsImages(rules) && matchMedia("(pointer: coarse)").matches,
      onFiles: (files) => void list.add(files),
    }),
    canSendEmpty: list.files.length > 0,
    isBlocked: list.isBlocked,
    dropZone: list.isDragging ? renderDropZone(strings.dropFiles) : nothing,
  };
}

/** Renders the files of a queued message. */
export function renderQueued(files: readonly AttachedFile[], options: AttachmentViewOptions): unknown {
  return renderFiles(files.map(describe), options);
}

function describe({ file: { name, type, size: bytes }, preview }: AttachedFile): ShownFile {
  return { name, type: fileType(name, type), bytes, preview };
}

function describeFile(attached: AttachedFile, list: AttachmentList, strings: ChatStrings): ShownFile {
  const { id, file: { name }, status, progress, isUnsupported } = attached;
  const isPending = status === "reading" || status === "uploading";
  const label = fillString(status === "uploading" ? strings.fileUploading : strings.fileReading, { name });
  return {
    ...describe(attached),
    isFailed: status === "failed" || isUnsupported === true,
    note: isUnsupported ? strings.fileUnsupported : status === "failed" ? strings.fileFailed : undefined,
    progress: isPending ? { value: progress, label } : undefined,
    onRemove: () => list.remove(id),
    ...(status === "failed" && { onRetry: () => void list.retry(id) }),
  };
}

function describeRefused({ name, reason, maxBytes, type }: RefusedFile, options: AttachmentViewOptions): string {
  const { strings, language } = options;
  const kind = fileKind({ name, type });
  const max = kind === "text" ? MAX_TEXT_BYTES : kind === "image" ? MAX_IMAGE_FILE_BYTES : maxBytes;
  const messages = {
    type: strings.fileType,
    size: strings.fileSize,
    count: strings.fileCount,
    model: strings.fileModel,
    unreadable: strings.fileUnreadable,
  };
  return fillString(messages[reason], { name, count: MAX_FILES, max: formatBytes(max, language) });
}
