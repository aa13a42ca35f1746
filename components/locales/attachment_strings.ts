/**
 * The English strings of attachments, loaded with them.
 * @module
 */

/** The strings by name. */
export const ATTACHMENT_ENGLISH = {
  attach: "Attach files",
  attachLimits: "Up to {count} files",
  attached: "Attachments",
  takePhoto: "Take photo",
  chooseFiles: "Choose files",
  dropFiles: "Drop files here",
  filesAttached: "Files attached: {count}",
  removeFile: "Remove {name}",
  fileType: "{name}: this kind of file is not accepted.",
  fileSize: "{name} is too large. The limit is {max}.",
  fileCount: "{name} is one too many: a message can have {count} files.",
  fileModel: "{name}: the model cannot read this kind of file.",
  fileUnreadable: "{name} could not be read.",
  fileUnsupported: "The model cannot read it",
  fileFailed: "Upload failed",
  fileUploading: "Uploading {name}",
  fileReading: "Reading {name}",
  fileGone: "no longer available",
  imageSent: "Attached image",
  imageBlocked: "Image from {host} not loaded",
  loadImage: "Load image",
};
