/**
 * Keeps the end of a growing conversation in view until the visitor scrolls up. Only the visitor's input (wheel, touch,
 * keys, pointer) stops the following. The distance from the end does not, as a burst of text opens a gap too.
 * @module
 */

/** Keys that scroll back. */
const BACKWARD_KEYS: ReadonlySet<string> = new Set(["PageUp", "Home", "ArrowUp"]);

/** Follows the end of one scrolling element. */
export class ScrollFollower {
  readonly #onChange: () => void;
  readonly #resize = new ResizeObserver(() => this.#follow());
  #box: HTMLElement | undefined;
  #listeners = new AbortController();
  #isFollowing = true;
  #isHeld = false;
  #lastTop = 0;
  #touchY = 0;

  /** @param onChange called when following starts or stops */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** True while new text is kept in view. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Attaches to a scrolling element and its growing content. Without arguments it only detaches. */
  attach(box: HTMLElement | undefined, content?: Element): void {
    this.#listeners.abort();
    this.#resize.disconnect();
    this.#box = box;
    if (box === undefined || content === undefined) return;
    this.#listeners = new AbortController();
    const options = { passive: true, signal: this.#listeners.signal };
    box.addEventListener("scroll", () => this.#onScroll(), options);
    box.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.#stopFollowing(), options);
    box.addEventListener("touchstart", ({ touches }) => this.#touchY = touches[0]?.clientY ?? 0, options);
    box.addEventListener("touchmove", ({ touches }) => {
      if ((touches[0]?.clientY ?? 0) > this.#touchY) this.#stopFollowing();
    }, options);
    box.addEventListener("keydown", (event) => {
      if (BACKWARD_KEYS.has(event.key) || (event.key === " " && event.shiftKey)) this.#stopFollowing();
    }, options);
    // A pressed pointer may drag the scrollbar or select text: the content must not move.
    box.addEventListener("pointerdown", () => this.#isHeld = true, options);
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => this.#release(), options);
    this.#resize.observe(box);
    this.#resize.observe(content);
  }

  /** Scrolls to the end and follows it. */
  jump(): void {
    this.#set(true);
    this.#follow();
  }

  #follow(): void {
    if (this.#box === undefined || !this.#isFollowing || this.#isHeld) return;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#lastTop = this.#box.scrollTop;
  }

  #stopFollowing(): void {
    // `scrollTop` says nothing here: the browser may scroll before or after it fires the event.
    if (this.#box && this.#box.scrollHeight > this.#box.clientHeight) this.#set(false);
  }

  #release(): void {
    this.#isHeld = false;
    this.#follow();
  }

  #onScroll(): void {
    const box = this.#box;
    if (box === undefined) return;
    // The event of our own scrolling may fire after the visitor's input; `moved` is then 0.
    const moved = box.scrollTop - this.#lastTop;
    this.#lastTop = box.scrollTop;
    const isAtEnd = box.scrollHeight - box.clientHeight - box.scrollTop < 2;
    if (isAtEnd && moved > 0) this.#set(true);
    else if (this.#isHeld && moved < 0) this.#set(false);
  }

  #set(isFollowing: boolean): void {
    if (this.#isFollowing === isFollowing) return;
    this.#isFollowing = isFollowing;
    this.#onChange();
  }
}
