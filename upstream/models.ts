/**
 * The models that this server offers, and the way to each. A client names a model, or none for the default; it never names
 * a provider.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { ModelConfig } from "./chat_events/provider_config.ts";
import type { OpenChat } from "./open_chat.ts";

/** A model that answers requests. */
export interface Model {
  /** Its name at the provider. */
  readonly name: string;
  readonly openChat: OpenChat;
  /** The most tokens of one answer. */
  readonly maxOutputTokens?: number;
}

/** What clients may know about a model. */
export interface OfferedModel extends Pick<ModelConfig, "input" | "maxOutputTokens"> {
  /** The name that clients use. */
  readonly id: string;
}

/** Finds models by the names that clients use. */
export interface Models {
  /** The name of the default model. */
  readonly defaultName: string;
  /** The models that clients may name. Where any name is accepted, only the default one. */
  readonly offered: readonly OfferedModel[];
  /**
   * Finds a model.
   * @param name as the client wrote it; the default where it named none
   * @param allowed the names that this client may use, where they are fewer
   * @throws {ChatError} `ModelNotFound`
   */
  resolve(name: string | undefined, allowed?: readonly string[]): Model;
}

/** The models of one provider. @param offered the names that clients may use, `"*"` for any */
export function createModels(openChat: OpenChat, defaultName: string, offered: readonly string[] | "*"): Models {
  return {
    defaultName,
    offered: (offered === "*" ? [defaultName] : offered).map((id) => ({ id })),
    resolve(name = defaultName, allowed) {
      const isOffered = offered === "*" || offered.includes(name);
      if (isOffered && (allowed?.includes(name) ?? true)) return { name, openChat };
      throw modelNotFound();
    },
  };
}

/** The error for a model that is not offered, or not to this client: the client does not learn which. */
export function modelNotFound(): ChatError {
  return new ChatError("ModelNotFound", "This server does not offer that model.", { body: { path: "model" } });
}
