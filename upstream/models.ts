/**
 * The models that this server offers, and the way to each. A client names a model, or none for the default; it never names
 * a provider.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { OpenChat } from "./chat_completions/open_chat.ts";

/** A model that answers requests. */
export interface Model {
  /** Its name at the provider. */
  readonly name: string;
  readonly openChat: OpenChat;
  /** The most tokens of one answer. */
  readonly maxOutputTokens?: number;
}

/** Finds models by the names that clients use. */
export interface Models {
  /** The name of the default model. */
  readonly defaultName: string;
  /** The names that clients may use. Where any name is accepted, only the default's. */
  readonly names: readonly string[];
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
    names: offered === "*" ? [defaultName] : offered,
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
