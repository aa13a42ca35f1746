/**
 * Opens and closes the panel of an element that is a launcher, handles the Escape key, and renders the frame around the
 * chat in every mode. The panel itself is loaded lazily.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { ChatToggleEvent } from "./chat_stream_events.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import { ANNOUNCER_SLOT } from "./view/announcer.ts";
import type { LauncherButton } from "./view/launcher_button.ts";
import type { LauncherHost, LauncherPanel } from "./view/launcher_panel.ts";

/** The modules of a launcher: `launcher.ts` and `launcher_button.ts`. */
export type LauncherModules = readonly [
  { readonly LauncherPanel: typeof LauncherPanel },
  { readonly LauncherButton: typeof LauncherButton },
];

/** The element that may be a launcher. */
export interface LauncherElement extends LauncherHost {
  readonly mode: string;
  opened: boolean;
}

/** Receives what concerns the rest of the element. */
export interface LauncherControlHandler {
  /** Imports the panel and the button. */
  loadLauncher(): Promise<LauncherModules>;
  /** The panel has rendered the chat for the first time. */
  onReady(): void;
  /** Focuses the box. */
  onFocus(): void;
  /** Stops the answer. Returns false if none is running. */
  onStop(): boolean;
}

/** Controls the launcher of one element. */
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
    // The mode may have changed while the module was loading, or another call was faster.
    if (this.#host.mode !== "launcher" || this.#panel) return this.panel;
    this.#panel = new LauncherPanel(this.#host, LauncherButton.of(this.#host), {
      onToggle: () => void (this.#host.opened ? this.close() : this.open()),
      onRestore: () => void this.#setOpened(true),
      onEscape: () => void this.#escape(),
    });
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    this.#handler.onReady();
    return this.#panel;
  }

  /** Opens the panel and focuses the box. */
  async open(): Promise<void> {
    const panel = this.panel ?? await this.load();
    if (!this.#setOpened(true)) return;
    await this.#host.updateComplete;
    panel?.focus(() => this.#handler.onFocus());
  }

  /** Closes the panel. The focus goes from the panel to the button. */
  async close(): Promise<void> {
    const hadFocus = this.#host.shadowRoot?.activeElement != null;
    if (!this.#setOpened(false)) return;
    await this.#host.updateComplete;
    if (hadFocus) this.#panel?.focusButton();
  }

  /** Handles the keys of the whole chat: Escape stops the answer, or else closes the panel. */
  readonly onKeyDown = (event: KeyboardEvent): void => {
    // In an input method, Escape only discards its suggestion.
    if (event.key !== "Escape" || event.isComposing || !this.#escape()) return;
    // A dialog of the page that contains the chat stays open.
    event.preventDefault();
    event.stopPropagation();
  };

  /** Renders the frame around the chat, and the live regions: inside a modal panel, as all outside of it is silent. */
  render(label: string, strings: ChatStrings, chat: TemplateResult): TemplateResult {
    const announcer = html`
      <div class="hidden"><slot name=${ANNOUNCER_SLOT}></slot></div>
    `;
    if (this.#host.mode !== "launcher") {
      return html`
        <div class="panel" part="panel">${chat}</div>
        ${announcer}
      `;
    }
    const isModal = this.#panel?.isModal ?? false;
    const content = html`${chat}${isModal ? announcer : nothing}`;
    return html`${this.#panel?.render(label, strings, content)}${isModal ? nothing : announcer}`;
  }

  #setOpened(opened: boolean): boolean {
    const host = this.#host;
    if (host.mode !== "launcher" || host.opened === opened) return false;
    if (!host.dispatchEvent(new ChatToggleEvent(opened))) return false;
    host.opened = opened;
    return true;
  }

  /** Returns false if there is nothing to stop or to close. */
  #escape(): boolean {
    if (this.#handler.onStop()) return true;
    if (this.#host.mode !== "launcher" || !this.#host.opened) return false;
    void this.close();
    return true;
  }
}
