/**
 * The models this server offers, and who answers for each. A client names a model, or none for the default; it never
 * names a provider.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { OpenChat } from "./chat_completions/openai.ts";

/** A model that can be asked. */
export interface Model {
  /** Its name, as the provider knows it. */
  readonly name: string;
  readonly openChat: OpenChat;
  /** The most tokens that an answer of it may have. */
  readonly maxOutputTokens?: number;
}

/** Finds models by the names that clients use. */
export interface Models {
  /** The name of the one for clients that name none. */
  readonly defaultName: string;
  /** The names that clients may use, as far as they are known: where any is taken, the default's alone. */
  readonly names: readonly string[];
  /**
   * The model of that name; the default where the client named none.
   * @param allowed what this client may ask for, where that is less than what is offered
   * @throws {ChatError} `ModelNotFound`
   */
  resolve(name: string | undefined, allowed?: readonly string[]): Model;
}

/** All models of one provider, with the ones that may be asked for. */
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

/** The error for a model that is not offered, or not to this client: it is not told which of the two. */
export function modelNotFound(): ChatError {
  return new ChatError("ModelNotFound", "This server does not offer that model.", { body: { path: "model" } });
}
