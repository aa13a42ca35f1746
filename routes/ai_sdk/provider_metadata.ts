/**
 * The state of a provider in the metadata of the AI SDK's parts: the client keeps it and sends it back with the history.
 * @module
 */
import { isJsonObject } from "../json_values.ts";

/** Our name among the providers that the metadata is for. */
const NAMESPACE = "chat-stream";

/** The opaque state of a part. */
export interface ProviderState {
  /** Of reasoning. */
  readonly signature?: string | undefined;
  /** Of a tool call. */
  readonly thoughtSignature?: string | undefined;
}

/** The field of a chunk with the state; empty where there is none. */
export function metadataOf(
  state: ProviderState,
): { readonly providerMetadata?: Readonly<Record<string, ProviderState>> } {
  return Object.values(state).every((value) => value === undefined) ? {} : { providerMetadata: { [NAMESPACE]: state } };
}

/** A value of the state in a part's metadata, which is a client's. */
export function readState(metadata: unknown, name: keyof ProviderState): string | undefined {
  const state = isJsonObject(metadata) && Object.hasOwn(metadata, NAMESPACE) ? metadata[NAMESPACE] : undefined;
  const value = isJsonObject(state) && Object.hasOwn(state, name) ? state[name] : undefined;
  return typeof value === "string" ? value : undefined;
}
