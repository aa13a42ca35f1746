/**
 * The template of the model's reasoning, which the visitor can open.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { AnswerEntry } from "../chat/chat_state.ts";
import type { ReasoningStrings } from "../locales/reasoning_strings.ts";
import { CHEVRON } from "./icons.ts";

/** What `renderReasoning` needs besides the answer. */
export interface ReasoningOptions {
  readonly strings: ReasoningStrings;
  /** Whether the visitor has opened it. */
  readonly isOpen: boolean;
  onToggle(open: boolean): void;
}

/** Renders the reasoning: its text only while it is open, so that it costs nothing while it is closed. */
export function renderReasoning(entry: AnswerEntry, { strings, isOpen, onToggle }: ReasoningOptions): TemplateResult {
  const isThinking = entry.status === "streaming" && entry.answer.text === "";
  return html`
    <details
      class="reasoning"
      part="reasoning"
      ?open=${isOpen}
      @toggle=${(event: Event) => onToggle((event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary class=${isThinking ? "busy" : ""}>${CHEVRON}${isThinking
        ? strings.thinking
        : strings.reasoning}</summary>
      ${isOpen ? html`<div class="reasoning-text" dir="auto">${entry.answer.reasoning}</div>` : nothing}
    </details>
  `;
}
