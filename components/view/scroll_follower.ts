/**
 * Keeps the end of a growing conversation in view until the visitor scrolls away. Only what the visitor does with
 * wheel, touch, keys or pointer lets go, never a gap: a burst of text opens gaps all by itself.
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

  /** @param onChange called when following begins or ends */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** True while new text is kept in view. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Begins with a scrolling element and its growing content, or ends with the last ones when nothing is given. */
  attach(box: HTMLElement | undefined, content?: Element): void {
    this.#listeners.abort();
    this.#resize.disconnect();
    this.#box = box;
    if (box === undefined || content === undefined) return;
    this.#listeners = new AbortController();
    const options = { passive: true, signal: this.#listeners.signal };
    box.addEventListener("scroll", () => this.#onScroll(), options);
    box.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.#letGo(), options);
    box.addEventListener("touchstart", ({ touches }) => this.#touchY = touches[0]?.clientY ?? 0, options);
    box.addEventListener("touchmove", ({ touches }) => {
      if ((touches[0]?.clientY ?? 0) > this.#touchY) this.#letGo();
    }, options);
    box.addEventListener("keydown", (event) => {
      if (BACKWARD_KEYS.has(event.key) || (event.key === " " && event.shiftKey)) this.#letGo();
    }, options);
    // A held pointer drags the scrollbar or selects text: the content must not move under it.
    box.addEventListener("pointerdown", () => this.#isHeld = true, options);
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => this.#release(), options);
    this.#resize.observe(box);
    this.#resize.observe(content);
  }

  /** Goes to the end and stays there. */
  jump(): void {
    this.#set(true);
    this.#follow();
  }

  #follow(): void {
    if (this.#box === undefined || !this.#isFollowing || this.#isHeld) return;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#lastTop = this.#box.scrollTop;
  }

  #letGo(): void {
    // Not by `scrollTop`: the browser may have scrolled before it reports the wheel.
    if (this.#box && this.#box.scrollHeight > this.#box.clientHeight) this.#set(false);
  }

  #release(): void {
    this.#isHeld = false;
    this.#follow();
  }

  #onScroll(): void {
    const box = this.#box;
    if (box === undefined) return;
    // Our own scrolling is reported late, maybe after the visitor has let go: it has moved nothing since.
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
