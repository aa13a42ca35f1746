/**
 * Registers the component, with the imports of its lazily loaded modules. They import `chat_stream.ts` themselves, which
 * therefore cannot import them.
 * @module
 */
import { ChatStream } from "./chat_stream.ts";

/**
 * Registers the component, unless that has been done.
 * @param tag the name of the element
 * @param endpoint the URL of `POST /api/chat` for elements that name none
 */
export function registerElement(tag: string, endpoint: string): void {
  if (customElements.get(tag) !== undefined) return;
  customElements.define(
    tag,
    class extends ChatStream {
      protected override get defaultEndpoint() {
        return endpoint;
      }
      protected override get loaders() {
        return {
          attachments: () => import("./attachments.ts"),
          features: () => import("./features.ts"),
          keeper: () => import("./keeper.ts"),
          launcher: () => Promise.all([import("./launcher.ts"), import("./view/launcher_button.ts")]),
          occasional: () => import("./occasional.ts"),
          markdown: () => import("./markdown_extras.ts"),
          reasoning: () => import("./reasoning.ts"),
          tools: () => import("./tools.ts"),
        };
      }
    },
  );
}
