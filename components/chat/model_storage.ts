/**
 * Keeps the visitor's choice of a model beside the conversation.
 * @module
 */

/** Where a choice is kept: as `persist` of the element. */
export type ModelStorageKind = "none" | "session" | "local";

/** Returns the kept model; empty if there is none. @param key the key of the conversation */
export function readModel(kind: ModelStorageKind, key: string): string {
  try {
    return storageOf(kind)?.getItem(`${key}:model`) ?? "";
  } catch {
    // Blocked by the visitor or a sandboxed frame: nothing is kept.
    return "";
  }
}

/** Keeps a model. @param key the key of the conversation */
export function writeModel(kind: ModelStorageKind, key: string, model: string): void {
  try {
    storageOf(kind)?.setItem(`${key}:model`, model);
  } catch {
    // Blocked or full: a reload forgets the choice.
  }
}

function storageOf(kind: ModelStorageKind): Storage | undefined {
  if (kind === "none") return undefined;
  return kind === "local" ? localStorage : sessionStorage;
}
