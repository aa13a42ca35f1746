/**
 * The suggested next questions below the last answer.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { ChatStrings } from "../locales/chat_strings.ts";

/** Renders one button for each suggestion. @param onPick receives the text of the pressed one */
export function renderSuggestions(
  texts: readonly string[],
  strings: ChatStrings,
  onPick: (text: string) => void,
): TemplateResult | typeof nothing {
  if (texts.length === 0) return nothing;
  return html`
    <div class="suggestions" part="suggestions" role="group" aria-label=${strings.suggestions}>
      ${texts.map((text) =>
        html`<button type="button" class="starter" part="suggestion" dir="auto" @click=${() =>
          onPick(text)}>${text}</button>`
      )}
    </div>
  `;
}
