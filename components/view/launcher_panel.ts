/**
 * The panel of a launcher: a popover beside the button, or in a small window a modal dialog that fills it. Owns what
 * belongs to the panel: its size, unread answers, and what the tab remembers of both. Loaded lazily.
 * @module
 */
import { html, type LitElement, nothing, type ReactiveController, svg, type TemplateResult } from "lit";
import { type ChatAction, type ChatState, chatStatus, isRunning } from "../chat/chat_state.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { fillString } from "../locales/core_strings.ts";
import { icon } from "./icons.ts";
import type { LauncherButton } from "./launcher_button.ts";
import { launcherStyles } from "./launcher_styles.ts";
import { WindowFill } from "./window_fill.ts";

/** The windows that the panel fills: phones, and desktop windows at a high zoom. `launcher_styles.ts` has it too. */
const SMALL_WINDOW = "(max-width: 30em), (max-height: 28em)";

const ENLARGE = icon(svg`<path d="M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7" />`);
const REDUCE = icon(svg`<path d="M20 10h-6V4M14 10l6-6M4 14h6v6M10 14l-6 6" />`);

/** The element of a panel. */
export interface LauncherHost extends LitElement {
  opened: boolean;
  readonly persist: string;
  readonly teaser: string;
}

/** Receives what concerns the chat in the panel. */
export interface LauncherHandler {
  /** Focuses the box. */
  onFocus(): void;
  /** Stops the answer. Returns false if none is running. */
  onStop(): boolean;
  /** The panel is about to open or close. Returns false if the page prevents that. */
  onToggle(opened: boolean): boolean;
}

/** A Lit controller that shows the panel as the host's property `opened` says. */
export class LauncherPanel implements ReactiveController {
  readonly #host: LauncherHost;
  readonly #handler: LauncherHandler;
  readonly #launcher: LauncherButton;
  readonly #badge: HTMLElement;
  readonly #smallWindow = matchMedia(SMALL_WINDOW);
  readonly #fill = new WindowFill();
  readonly #onResize = (): void => this.#host.requestUpdate();
  #shown: "nothing" | "popover" | "modal" = "nothing";
  #label = "";
  #strings: ChatStrings | undefined;
  #unread: number;
  #isAnswering = false;
  #isWide: boolean;
  #teaser = "";
  #remembered: string | undefined;

  /**
   * Takes over the button.
   * @param host the element, which must have rendered
   * @param launcher its button
   * @param handler receives the visitor's actions
   */
  constructor(host: LauncherHost, launcher: LauncherButton, handler: LauncherHandler) {
    this.#host = host;
    this.#handler = handler;
    this.#launcher = launcher;
    launcher.button.onclick = () => void (host.opened ? this.close() : this.open());
    const cross = launcher.create("span", "cross");
    cross.append(launcher.drawIcon("m6 6 12 12M18 6 6 18"));
    this.#badge = launcher.create("span", "badge");
    launcher.button.append(cross, this.#badge);
    launcher.button.ariaHasPopup = "dialog";
    this.#isWide = Boolean(launcher.remembered("wide"));
    const last = launcher.remembered("open");
    this.#unread = Number(last) || 0;
    const root = host.renderRoot as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, launcherStyles.styleSheet as CSSStyleSheet];
    host.addController(this);
    // A panel that fills the window would cover the page that the visitor has just opened.
    if (last === "yes" && !this.#smallWindow.matches) this.#setOpened(true);
  }

  /** True if the panel makes the rest of the page inert. */
  get isModal(): boolean {
    return this.#host.opened && this.#smallWindow.matches;
  }

  /** The teaser that the visitor has seen, or an empty string. */
  get greeting(): string {
    return this.#launcher.greeting;
  }

  /** Shows `text` beside the closed button. */
  showTeaser(text: string): Promise<void> {
    // A teaser that cannot be loaded is left out.
    return import("./launcher_teaser.ts").then(
      (module) => module.showTeaser(this.#host, this.#launcher, text),
      () => {},
    );
  }

  /** Opens the panel and moves the focus into it: on touch screens not to the box, whose keyboard would cover the chat. */
  async open(): Promise<void> {
    if (!this.#setOpened(true)) return;
    await this.#host.updateComplete;
    if (this.isModal && matchMedia("(pointer: coarse)").matches) this.#panel?.focus();
    else this.#handler.onFocus();
  }

  /** Closes the panel. The focus goes from the panel to the button. */
  async close(): Promise<void> {
    const hadFocus = this.#host.shadowRoot?.activeElement != null;
    if (!this.#setOpened(false)) return;
    await this.#host.updateComplete;
    if (hadFocus) this.#launcher.button.focus();
  }

  /** Closes the panel after the Escape key. Returns false if it is closed already. */
  escape(): boolean {
    const { opened } = this.#host;
    if (opened) void this.close();
    return opened;
  }

  /** Observes the size of the window, and shows the panel again after the element was moved. */
  hostConnected(): void {
    this.#smallWindow.addEventListener("change", this.#onResize);
    this.#host.requestUpdate();
  }

  /** The browser hides the panel of a removed element by itself. */
  hostDisconnected(): void {
    this.#smallWindow.removeEventListener("change", this.#onResize);
    this.#hide();
  }

  /** Applies what has been rendered. */
  hostUpdated(): void {
    const { opened, teaser } = this.#host;
    // The element is no launcher any more.
    if (this.#panel === null) return this.#hide();
    if (teaser !== this.#teaser) {
      this.#teaser = teaser;
      import("./launcher_teaser.ts").then((module) => module.scheduleTeaser(this.#host, this.#launcher), () => {});
    }
    this.#show();
    if (opened) this.#unread = 0;
    this.#badge.textContent = this.#unread > 0 ? String(this.#unread) : "";
    this.#launcher.setState(this.#unread > 0 ? this.#unreadLabel : this.#label, opened);
    this.#remember();
  }

  /**
   * Counts an answer that ends while the panel is closed.
   * @returns what to announce in its place, or undefined if the visitor sees it
   */
  onChange(before: ChatState, after: ChatState, action: ChatAction): string | undefined {
    const wasAnswering = isRunning(chatStatus(before));
    this.#isAnswering = isRunning(chatStatus(after));
    const entry = after.entries.find(({ id }) => id === after.leaf);
    const isEnd = wasAnswering && !this.#isAnswering && entry?.type === "answer" && entry.status !== "stopped";
    // Another tab, whose change this one follows, has shown it.
    if (!isEnd || this.#host.opened || action.type === "follow") return undefined;
    this.#unread++;
    return this.#unreadLabel;
  }

  /** Renders the panel around the chat, and the live regions: inside a modal panel, as all outside of it is silent. */
  render(label: string, strings: ChatStrings, chat: TemplateResult, announcer: TemplateResult): TemplateResult {
    this.#label = label;
    this.#strings = strings;
    const { isModal } = this;
    return html`
      <dialog
        class="panel ${this.#isWide ? "wide" : ""}"
        part="panel"
        popover="manual"
        tabindex=${isModal ? -1 : nothing}
        aria-label=${label}
        aria-modal=${isModal ? "true" : nothing}
        @cancel=${this.#onCancel}
        @close=${this.#onClose}
      >${chat}${isModal ? announcer : nothing}</dialog>
      ${isModal ? nothing : announcer}
    `;
  }

  /** Renders the button that enlarges the panel, and makes it small again. */
  renderEnlarge(strings: ChatStrings): TemplateResult {
    const label = this.#isWide ? strings.reduce : strings.enlarge;
    return html`
      <button type="button" class="plain enlarge" aria-label=${label} title=${label} @click=${this.#onEnlarge}>
        ${this.#isWide ? REDUCE : ENLARGE}
      </button>
    `;
  }

  get #panel(): HTMLDialogElement | null {
    return this.#host.renderRoot.querySelector("dialog");
  }

  get #unreadLabel(): string {
    return fillString(this.#strings?.unread ?? "", { name: this.#label, count: this.#unread });
  }

  /** Returns false if nothing changes. */
  #setOpened(opened: boolean): boolean {
    const host = this.#host;
    if (host.opened === opened || !this.#handler.onToggle(opened)) return false;
    host.opened = opened;
    return true;
  }

  #show(): void {
    const panel = this.#panel;
    const wanted = !this.#host.opened ? "nothing" : this.#smallWindow.matches ? "modal" : "popover";
    if (panel === null || wanted === this.#shown) return;
    const focused = this.#host.shadowRoot?.activeElement;
    const focusedInside = panel.contains(focused ?? null) ? focused as HTMLElement : undefined;
    this.#hide();
    if (wanted !== "nothing") panel.removeAttribute("data-closing");
    this.#shown = wanted;
    if (wanted === "modal") {
      panel.showModal();
      this.#fill.start(panel);
    } else if (wanted === "popover") {
      // A dialog takes the focus when it is shown, but not while it is inert. Only the visitor moves the focus.
      panel.inert = true;
      panel.showPopover();
      panel.inert = false;
    }
    if (wanted === "nothing") return;
    focusedInside?.focus();
    this.#launcher.remembered("teaser", "done");
    this.#host.renderRoot.querySelector(".teaser")?.remove();
  }

  #hide(): void {
    const panel = this.#panel;
    this.#shown = "nothing";
    this.#fill.stop();
    const isPopover = panel?.matches(":popover-open");
    if (!panel || !(isPopover || panel.open)) return;
    panel.setAttribute("data-closing", "");
    if (isPopover) panel.hidePopover();
    if (panel.open) panel.close();
    // Firefox has no transition of `display`: the panel stays until its other transitions have ended.
    void Promise.allSettled(panel.getAnimations().map(({ finished }) => finished))
      .then(() => panel.removeAttribute("data-closing"));
  }

  #remember(): void {
    const isOpen = this.#shown === "popover";
    const isPending = this.#isAnswering || this.#unread > 0;
    const state = isOpen ? "yes" : isPending ? String(this.#unread) : "";
    const value = this.#host.persist === "none" ? "" : state;
    // Storage is slow: only a change is written.
    if (value !== this.#remembered) this.#launcher.remembered("open", value);
    this.#remembered = value;
  }

  readonly #onEnlarge = (): void => {
    this.#isWide = !this.#isWide;
    this.#launcher.remembered("wide", this.#isWide ? "yes" : "");
    this.#host.requestUpdate();
  };

  readonly #onCancel = (event: Event): void => {
    // A file picker's own event arrives here too.
    if (event.target !== event.currentTarget) return;
    event.preventDefault();
    // The back gesture of a phone does the same as the Escape key.
    if (!this.#handler.onStop()) void this.close();
  };

  /** A phone can close a dialog without asking. */
  readonly #onClose = (): void => {
    if (this.#shown === "modal" && this.#panel?.open === false) void this.close();
  };
}
