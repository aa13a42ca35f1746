/**
 * The page's own buttons below messages.
 * @module
 */
import { html, svg, type TemplateResult } from "lit";
import { type ChatEntry, isRunning } from "../chat/chat_state.ts";
import { icon } from "./icons.ts";

/** A button of the page below messages. */
export interface MessageAction {
  /** Unique among the actions. */
  readonly id: string;
  readonly label: string;
  /** The icon: the `d` attribute of an SVG path in a box of 24 by 24 units. Without it, the label is shown. */
  readonly icon?: string;
  /** Whether to show the action below a message. By default it is shown below every answer that has ended. */
  isShown?(entry: ChatEntry): boolean;
  /** The visitor has pressed the button. */
  onAction(entry: ChatEntry): void;
}

/** Renders the actions that apply to a message. */
export function renderPageActions(actions: readonly MessageAction[], entry: ChatEntry): TemplateResult[] {
  return actions.filter((action) => isShown(action, entry)).map((action) => {
    const { id, label, icon: path } = action;
    const onClick = () => action.onAction(entry);
    return path
      ? html`
        <button type="button" class="small" part="message-action" data-id=${id} aria-label=${label} title=${label}
          @click=${onClick}>${icon(svg`<path d=${path} />`)}</button>
      `
      : html`
        <button type="button" class="small text" part="message-action" data-id=${id}
          @click=${onClick}>${label}</button>
      `;
  });
}

function isShown(action: MessageAction, entry: ChatEntry): boolean {
  if (action.isShown === undefined) return entry.type === "answer" && !isRunning(entry.status);
  try {
    return action.isShown(entry);
  } catch (error) {
    reportError(error);
    return false;
  }
}
