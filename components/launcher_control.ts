/**
 * Loads the panel of an element that is a launcher, handles the Escape key, and renders the frame around the chat in every
 * mode.
 * @module
 */
import { html, type TemplateResult } from "lit";
import type { ChatStrings } from "./locales/chat_strings.ts";
import { ANNOUNCER_SLOT } from "./view/announcer.ts";
import type { LauncherButton } from "./view/launcher_button.ts";
import type { LauncherHandler, LauncherHost, LauncherPanel } from "./view/launcher_panel.ts";

/** The modules of a launcher: `launcher.ts` and `launcher_button.ts`. */
export type LauncherModules = readonly [
  { readonly LauncherPanel: typeof LauncherPanel },
  { readonly LauncherButton: typeof LauncherButton },
];

/** The element that may be a launcher. */
export interface LauncherElement extends LauncherHost {
  readonly mode: string;
}

/** Receives what concerns the rest of the element. */
export interface LauncherControlHandler extends LauncherHandler {
  /** Imports the panel and the button. */
  loadLauncher(): Promise<LauncherModules>;
  /** The panel has rendered the chat for the first time. */
  onReady(): void;
}

/** The frame of one element. */
export class LauncherControl {
  readonly #host: LauncherElement;
  readonly #handler: LauncherControlHandler;
  #panel: LauncherPanel | undefined;

  /** @param host the element @param handler receives what concerns the rest of it */
  constructor(host: LauncherElement, handler: LauncherControlHandler) {
    this.#host = host;
    this.#handler = handler;
  }

  /** The panel, if the element is a launcher and the panel is loaded. */
  get panel(): LauncherPanel | undefined {
    return this.#host.mode === "launcher" ? this.#panel : undefined;
  }

  /**
   * Adds the button and the panel, if the element is a launcher. Resolves with the panel.
   * @throws {TypeError} if the panel cannot be loaded; the next call tries again
   */
  async load(): Promise<LauncherPanel | undefined> {
    if (this.#host.mode !== "launcher" || this.#panel) return this.panel;
    const [{ LauncherPanel }, { LauncherButton }] = await this.#handler.loadLauncher();
    await this.#host.updateComplete;
    // The mode may have changed while the modules were loading, or another call was faster.
    if (this.#host.mode !== "launcher" || this.#panel) return this.panel;
    this.#panel = new LauncherPanel(this.#host, LauncherButton.of(this.#host), this.#handler);
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    this.#handler.onReady();
    return this.#panel;
  }

  /** Handles the keys of the whole chat: Escape stops the answer, or else closes the panel. */
  readonly onKeyDown = (event: KeyboardEvent): void => {
    // In an input method, Escape only discards its suggestion.
    if (event.key !== "Escape" || event.isComposing) return;
    if (!this.#handler.onStop() && !this.panel?.escape()) return;
    // A dialog of the page that contains the chat stays open.
    event.preventDefault();
    event.stopPropagation();
  };

  /** Renders the frame around the chat, and the live regions. */
  render(label: string, strings: ChatStrings, chat: TemplateResult): TemplateResult {
    const announcer = html`
      <div class="hidden"><slot name=${ANNOUNCER_SLOT}></slot></div>
    `;
    if (this.#host.mode === "launcher") return this.#panel?.render(label, strings, chat, announcer) ?? announcer;
    return html`
      <div class="panel" part="panel">${chat}</div>
      ${announcer}
    `;
  }
}
