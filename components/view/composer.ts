/**
 * The message box: a labelled text area, and one button that is Send or Stop. Enter sends, Shift+Enter inserts a line
 * break. Key events do not reach the shortcuts of the host page.
 * @module
 */
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { SEND, STOP } from "./icons.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";

/** Receives what the visitor does in the composer. */
export interface ComposerHandler {
  /** Sends or queues the text. Resolves with true once the box can be emptied. */
  onSend(text: string): Promise<boolean>;
  onStop(): void;
}

/** What the composer shows. */
export interface ComposerOptions {
  readonly running: boolean;
  readonly placeholder: string;
  readonly strings: ChatStrings;
  /** The rendered attachments. */
  readonly files?: unknown;
  /** A button before the box. */
  readonly button?: unknown;
  /** True if a message without text may be sent. */
  readonly canSendEmpty?: boolean;
  /** True while nothing may be sent, such as during an upload. */
  readonly isBlocked?: boolean;
}

/** The `keyCode` of a keydown that an input method handles. */
const IME_KEY_CODE = 229;

/** A Lit controller that owns the visitor's draft. */
export class Composer implements ReactiveController {
  readonly #host: ReactiveControllerHost & { readonly renderRoot: ParentNode };
  readonly #handler: ComposerHandler;
  #composing = false;
  #isEmpty = true;
  #canSendEmpty = false;
  #isBlocked = false;

  /** @param host the element to update @param handler receives the visitor's actions */
  constructor(host: ReactiveControllerHost & { readonly renderRoot: ParentNode }, handler: ComposerHandler) {
    this.#host = host;
    this.#handler = handler;
    host.addController(this);
  }

  /** Required by Lit; there is nothing to set up. */
  hostConnected(): void {}

  get #box(): HTMLTextAreaElement | null {
    return this.#host.renderRoot.querySelector("#box");
  }

  /** Focuses the box. */
  focus(options?: FocusOptions): void {
    this.#box?.focus(options);
  }

  /** The unsent text. */
  get text(): string {
    return this.#box?.value ?? "";
  }

  set text(value: string) {
    if (this.#box === null) return;
    this.#box.value = value;
    this.#onInput();
  }

  /** Renders the box and its buttons. While an answer is running, Stop keeps its place beside the one that queues. */
  render(options: ComposerOptions): TemplateResult {
    const { running, placeholder, strings, files, button, canSendEmpty = false, isBlocked = false } = options;
    this.#canSendEmpty = canSendEmpty;
    this.#isBlocked = isBlocked;
    return html`
      <div class="composer" part="composer">
        ${files}
        ${button}
        <label class="hidden" for="box">${strings.composer}</label>
        <textarea
          id="box"
          part="input"
          rows="1"
          dir=${this.#isEmpty ? nothing : "auto"}
          enterkeyhint="send"
          placeholder=${placeholder}
          @input=${this.#onInput}
          @keydown=${this.#onKeyDown}
          @keyup=${stopPropagation}
          @keypress=${stopPropagation}
          @compositionstart=${this.#onCompositionStart}
          @compositionend=${this.#onCompositionEnd}
        ></textarea>
        ${running && (!this.#isEmpty || canSendEmpty)
          ? html`
            <button
              type="button"
              class="plain queue"
              part="queue-button"
              aria-label=${strings.queue}
              title=${strings.queue}
              aria-disabled=${String(isBlocked)}
              @mousedown=${keepFocus}
              @click=${() => this.#send()}
            >${SEND}</button>
          `
          : nothing}
        <button
          type="button"
          class="primary"
          part="send-button"
          aria-label=${running ? strings.stop : strings.send}
          aria-disabled=${String(!running && (isBlocked || (this.#isEmpty && !canSendEmpty)))}
          @mousedown=${keepFocus}
          @click=${() => running ? this.#handler.onStop() : this.#send()}
        >${running ? STOP : SEND}</button>
      </div>
    `;
  }

  async #send(): Promise<void> {
    const { text } = this;
    if (this.#isBlocked || (text.trim() === "" && !this.#canSendEmpty)) return;
    // The visitor may have typed on while the page checked the message.
    if (await this.#handler.onSend(text) && this.text.startsWith(text)) this.text = this.text.slice(text.length);
  }

  readonly #onInput = (): void => {
    const box = this.#box;
    if (box === null) return;
    growToFit(box);
    const isEmpty = box.value.trim() === "";
    if (isEmpty === this.#isEmpty) return;
    this.#isEmpty = isEmpty;
    this.#host.requestUpdate();
  };

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    // The element handles Escape.
    if (event.key === "Escape") return;
    event.stopPropagation();
    // An Enter that accepts an input method's suggestion must not send.
    const isForInputMethod = event.isComposing || this.#composing || event.keyCode === IME_KEY_CODE;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || isForInputMethod) return;
    event.preventDefault();
    void this.#send();
  };

  readonly #onCompositionStart = (): void => {
    this.#composing = true;
  };

  readonly #onCompositionEnd = (): void => {
    // Safari fires compositionend before the keydown of the Enter that ended it: clear the flag after that keydown.
    setTimeout(() => this.#composing = false);
  };
}

function stopPropagation(event: Event): void {
  event.stopPropagation();
}

/** Keeps the focus in the box, so that a phone's keyboard stays open. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

/** Replaces `field-sizing: content` where it is missing. A CSP allows styles that a script sets on the CSSOM. */
function growToFit(box: HTMLTextAreaElement): void {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.setProperty("block-size", "auto");
  box.style.setProperty("block-size", `${box.scrollHeight}px`);
}
