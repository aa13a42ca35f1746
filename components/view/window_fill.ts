/**
 * Lets a modal panel fill the window: the page behind it does not scroll, and the panel keeps to the part of the window
 * that a phone's virtual keyboard leaves.
 * @see https://developer.mozilla.org/docs/Web/API/VisualViewport
 * @module
 */

/** Fills the window with one panel. It uses the CSSOM, which a Content-Security-Policy allows. */
export class WindowFill {
  #panel: HTMLElement | undefined;
  #pageOverflow = "";
  readonly #onResize = (): void => {
    const viewport = globalThis.visualViewport;
    // A page that the visitor has zoomed in by pinching keeps its layout.
    if (viewport === null || viewport.scale > 1.01) return;
    this.#panel?.style.setProperty("--_window-top", `${viewport.offsetTop}px`);
    this.#panel?.style.setProperty("--_window-height", `${viewport.height}px`);
  };

  /** Begins to fill the window with `panel`. */
  start(panel: HTMLElement): void {
    this.#panel = panel;
    const { style } = document.documentElement;
    this.#pageOverflow = style.overflow;
    style.overflow = "hidden";
    globalThis.visualViewport?.addEventListener("resize", this.#onResize);
    globalThis.visualViewport?.addEventListener("scroll", this.#onResize);
    this.#onResize();
  }

  /** Lets the page scroll again. Does nothing if no panel fills the window. */
  stop(): void {
    if (this.#panel === undefined) return;
    document.documentElement.style.overflow = this.#pageOverflow;
    globalThis.visualViewport?.removeEventListener("resize", this.#onResize);
    globalThis.visualViewport?.removeEventListener("scroll", this.#onResize);
    this.#panel = undefined;
  }
}
