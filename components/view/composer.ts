/**
 * The place to type: a real text area with a label, and one button that is Send or Stop. It owns the keys: Enter
 * sends, Shift+Enter breaks the line, Escape stops, and none of them reaches the host page's shortcuts.
 * @module
 */
import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { createRef, ref } from "lit/directives/ref.js";
import { SEND, STOP } from "./icons.ts";
import type { CoreStrings } from "../locales/strings.ts";

/** What the composer reports. */
export interface ComposerHandler {
  /** The visitor wants to send; true takes the text out of the box. */
  onSend(text: string): boolean;
  onStop(): void;
  /** Files were pasted. */
  onFiles(files: readonly File[]): void;
  onEscape(): void;
}

/** How the composer is to look. */
export interface ComposerOptions {
  readonly running: boolean;
  readonly placeholder: string;
  readonly strings: CoreStrings;
  /** What waits to go with the message. */
  readonly files: unknown;
  /** More buttons, before the box. */
  readonly button: unknown;
  /** True where there is something to send without a word. */
  readonly canSendNothing: boolean;
}

/** What an input method's keydown says instead of the key. */
const IME_KEY_CODE = 229;

/** A Lit controller with the visitor's draft. */
export class Composer implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #handler: ComposerHandler;
  readonly #box = createRef<HTMLTextAreaElement>();
  #composing = false;
  #isEmpty = true;
  #canSendNothing = false;

  /** @param host the element around it @param handler receives what the visitor does */
  constructor(host: ReactiveControllerHost, handler: ComposerHandler) {
    this.#host = host;
    this.#handler = handler;
    host.addController(this);
  }

  /** Nothing to do: the box is made by `render`. */
  hostConnected(): void {}

  /** Puts the caret into the box. */
  focus(options?: FocusOptions): void {
    this.#box.value?.focus(options);
  }

  /** The box and its button. */
  render(options: ComposerOptions): TemplateResult {
    const { running, placeholder, strings, files, button, canSendNothing } = options;
    this.#canSendNothing = canSendNothing;
    return html`
      <div class="composer" part="composer">
        ${files}
        ${button}
        <label class="hidden" for="box">${strings.composer}</label>
        <textarea
          id="box"
          part="input"
          rows="1"
          dir="auto"
          enterkeyhint="send"
          placeholder=${placeholder}
          ${ref(this.#box)}
          @input=${this.#onInput}
          @keydown=${this.#onKeyDown}
          @keyup=${stopPropagation}
          @keypress=${stopPropagation}
          @paste=${this.#onPaste}
          @compositionstart=${this.#onCompositionStart}
          @compositionend=${this.#onCompositionEnd}
        ></textarea>
        <button
          type="button"
          class="primary"
          part="send-button"
          aria-label=${running ? strings.stop : strings.send}
          aria-disabled=${String(!running && this.#isEmpty && !canSendNothing)}
          @mousedown=${keepFocus}
          @click=${() => running ? this.#handler.onStop() : this.#send()}
        >${running ? STOP : SEND}</button>
      </div>
    `;
  }

  #send(): void {
    const box = this.#box.value;
    if (box === undefined || (box.value.trim() === "" && !this.#canSendNothing) || !this.#handler.onSend(box.value)) {
      return;
    }
    box.value = "";
    this.#onInput();
  }

  readonly #onInput = (): void => {
    const box = this.#box.value;
    if (box === undefined) return;
    growToFit(box);
    const isEmpty = box.value.trim() === "";
    if (isEmpty === this.#isEmpty) return;
    this.#isEmpty = isEmpty;
    this.#host.requestUpdate();
  };

  readonly #onPaste = (event: ClipboardEvent): void => {
    const files = [...event.clipboardData?.files ?? []];
    if (files.length > 0) this.#handler.onFiles(files);
  };

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "Escape") return this.#handler.onEscape();
    // The Enter that takes an input method's suggestion is not meant for us.
    const isForInputMethod = event.isComposing || this.#composing || event.keyCode === IME_KEY_CODE;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || isForInputMethod) return;
    event.preventDefault();
    this.#send();
  };

  readonly #onCompositionStart = (): void => {
    this.#composing = true;
  };

  readonly #onCompositionEnd = (): void => {
    // Safari ends the composition before it reports the Enter that ended it: keep the flag until that has passed.
    setTimeout(() => this.#composing = false);
  };
}

function stopPropagation(event: Event): void {
  event.stopPropagation();
}

/** A press of the button leaves the caret, and a phone's keyboard, where it is. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

/** Does what `field-sizing: content` does where that is missing; a style set by script is no inline style to a policy. */
function growToFit(box: HTMLTextAreaElement): void {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.setProperty("block-size", "auto");
  box.style.setProperty("block-size", `${box.scrollHeight}px`);
}
