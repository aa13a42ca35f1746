/**
 * The models this server offers, and who answers for each. A client names a model, or none for the default; it never
 * names a provider.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { OpenChat } from "./openai.ts";

/** A model that can be asked. */
export interface Model {
  /** Its name, as the provider knows it. */
  readonly name: string;
  readonly openChat: OpenChat;
}

/** Finds models by the names that clients use. */
export interface Models {
  /** The default where the client named none. @throws {ChatError} `ModelNotFound` for one that is not offered */
  resolve(name: string | undefined): Model;
}

/** All models of one provider, with the ones that may be asked for. */
export function createModels(openChat: OpenChat, defaultName: string, offered: readonly string[] | "*"): Models {
  return {
    resolve(name = defaultName) {
      if (offered === "*" || offered.includes(name)) return { name, openChat };
      throw new ChatError("ModelNotFound", "This server does not offer that model.", { body: { path: "model" } });
    },
  };
}
