/**
 * The launcher's button, and its message if the chat cannot be loaded. Uses no library, as a page loads nothing else
 * before a visitor opens the chat. The component keeps using the same button. Every import of this module is a dynamic
 * one, so that it stays one file: the panel and the teaser use what they need of it through the button.
 * @module
 */
import { LAUNCHER_ENGLISH, type LauncherStrings } from "../locales/launcher_english.ts";

/** The styles of the button and of the host element in the corner of the window. All sizes follow the font size. */
const LAUNCHER_CSS = `
:host([mode=launcher]){all:initial;position:fixed;z-index:var(--chat-stream-z-index,2147483000);
inset-block-end:max(1.25em,env(safe-area-inset-bottom));inset-inline-end:1.25em;color-scheme:light dark!important;
padding:0!important;border:0!important;background:none!important;
font-size:var(--chat-stream-font-size,medium)!important;--_a:var(--chat-stream-accent,light-dark(#0c6b58,#63d2b4));
--_r:var(--chat-stream-radius,1.125em)}
:host([theme=light]){color-scheme:light!important}
:host([theme=dark]){color-scheme:dark!important}
:host([hidden]){display:none}
.launcher{display:grid;place-items:center;inline-size:3.5em;block-size:3.5em;padding:0;border:2px solid #0000;
border-radius:calc(var(--_r)*1.1);font-size:inherit;cursor:pointer;background:var(--_a);
color:var(--chat-stream-on-accent,light-dark(#fff,#06231c));box-shadow:0 1px 2px #0003,0 10px 28px -8px #0006}
.launcher:focus-visible{outline:3px solid var(--_a);outline-offset:3px}
.launcher svg{inline-size:2em;block-size:2em;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round}
.note{position:absolute;inset-block-end:calc(100% + .8em);inset-inline-end:0;inline-size:max-content;
max-inline-size:min(17em,80vw);margin:0;padding:.7em 1em;border:1px solid #8884;border-radius:var(--_r);
background:var(--chat-stream-surface,light-dark(#fff,#1d2124));color:var(--chat-stream-text,light-dark(#1e211f,#e9e8e3));
font:.9375em/1.45 var(--chat-stream-font,system-ui);box-shadow:0 1px 2px #0003,0 10px 28px -8px #0006}
.note:empty{display:none}
@media (prefers-reduced-motion:no-preference){.launcher{transition:scale .15s}.launcher:hover{scale:1.05}}
[aria-busy=true] svg{opacity:.5}
@media print{:host([mode=launcher]){display:none}}`;

/** A speech bubble with two lines. */
const BUBBLE_PATH = "M4 20V7a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3H7zM8 8.5h8M8 12.5h5";

const launchers = new WeakMap<HTMLElement, LauncherButton>();

/**
 * What is remembered. `open`: "yes" if the panel is open, or else the number of unread answers. `teaser`: no teaser is
 * wanted any more. `wide`: the panel is enlarged.
 */
type LauncherFact = "open" | "teaser" | "wide";

/** The button of one launcher, with what the visitor sees of it before the component is loaded. */
export class LauncherButton {
  /** The button itself. */
  readonly button = this.create("button", "launcher");
  /** The greeting that the visitor has seen as a teaser. */
  greeting = "";
  readonly #host: HTMLElement;
  readonly #root: ShadowRoot;
  readonly #note = this.create("p", "note");
  #strings: LauncherStrings = LAUNCHER_ENGLISH;

  /** Returns the button of `host`. The first call adds it to the shadow root, before what is already there. */
  static of(host: HTMLElement): LauncherButton {
    const launcher = launchers.get(host) ?? new LauncherButton(host);
    launchers.set(host, launcher);
    return launcher;
  }

  private constructor(host: HTMLElement) {
    this.#host = host;
    const slot = document.createElement("slot");
    slot.name = "launcher-icon";
    slot.append(this.drawIcon(BUBBLE_PATH));
    this.button.setAttribute("part", "launcher");
    this.button.append(slot);
    this.#note.role = "alert";
    this.setState(this.setting("heading") || "Chat", false);
    this.#root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    this.addStyles(LAUNCHER_CSS);
    this.#root.prepend(this.#note, this.button);
    const language = this.setting("locale") || host.closest<HTMLElement>("[lang]")?.lang ||
      document.documentElement.lang;
    // Without a translation, the strings are English.
    if (!/^(en|$)/i.test(language)) {
      import("../locales/launcher_strings.ts").then(
        ({ launcherStrings }) => this.#strings = launcherStrings(language) ?? this.#strings,
        () => {},
      );
    }
  }

  /** The strings in the language of the page, or those that the page has set. */
  get strings(): LauncherStrings {
    return { ...this.#strings, ...(this.#host as { strings?: object }).strings };
  }

  /** Shows that the chat is loading, or that this has failed. */
  set loading(state: "done" | "busy" | "failed") {
    this.button.ariaBusy = String(state === "busy");
    this.#note.textContent = state === "failed" ? this.strings.loadFailed : "";
  }

  /** Shows the name of the button and whether the panel is open. */
  setState(label: string, isOpen: boolean): void {
    this.button.ariaLabel = label;
    this.button.ariaExpanded = String(isOpen);
  }

  /** Reads a setting of the element, which may not be upgraded yet: then only its attribute is there. */
  setting(property: string, attribute = property): string {
    const value = (this.#host as unknown as Readonly<Record<string, unknown>>)[property];
    return String(value ?? this.#host.getAttribute(attribute) ?? "");
  }

  /**
   * Returns what is remembered of `fact`, if anything.
   * @param value what to remember from now on; an empty string forgets
   */
  remembered(fact: LauncherFact, value?: string): string | undefined {
    // An open panel belongs to its tab. The rest is kept as long as the conversation, at least until the tab is closed.
    const isLocal = fact !== "open" && this.setting("persist") === "local";
    const key = `chat-stream-${fact}:${this.setting("persistKey", "persist-key")}`;
    try {
      const storage = isLocal ? localStorage : sessionStorage;
      if (value !== undefined) storage[key] = value;
      return storage[key];
    } catch {
      return undefined; // the browser blocks the storage, or it is full
    }
  }

  /** Adds a style sheet to those of the element. */
  addStyles(css: string): void {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    this.#root.adoptedStyleSheets = [...this.#root.adoptedStyleSheets, sheet];
  }

  /** Creates an element with a class. */
  create<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, name: string): HTMLElementTagNameMap[Tag] {
    const element = document.createElement(tag);
    element.className = name;
    return element;
  }

  /** Draws a path of 24 by 24 units. */
  drawIcon(d: string): SVGSVGElement {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.ariaHidden = "true";
    const path = document.createElementNS(svg.namespaceURI as "http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
    return svg;
  }
}
