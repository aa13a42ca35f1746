/**
 * A visitor of a page, the same in every engine: finds what is shown, by its selector and its name, also inside of shadow
 * roots, and uses the mouse and the keyboard as a person does.
 * @module
 */
import type { EnginePage, Place } from "./engine.ts";

/** How long the visitor waits for something, in milliseconds. Only a broken test reaches it. */
const PATIENCE_MS = 15_000;

/** Finds shown elements in the page: {@linkcode shownElements}. */
export type Shown = typeof shownElements;

/**
 * A function for the page. It is sent as its source, so it must not use anything outside of itself.
 * @param args values that JSON can hold
 */
export type PageFunction<Args extends readonly unknown[], Result> = (shown: Shown, ...args: Args) => Result;

/** The visitor. */
export class Visitor {
  readonly page: EnginePage;

  constructor(page: EnginePage) {
    this.page = page;
  }

  /** Calls a function in the page. */
  async call<Args extends readonly unknown[], Result>(run: PageFunction<Args, Result>, ...args: Args): Promise<Result> {
    return await this.page.evaluate(callOf(run, args)) as Result;
  }

  /** Waits until a function in the page returns something truthy. @returns that */
  async until<Args extends readonly unknown[], Result>(
    run: PageFunction<Args, Result>,
    ...args: Args
  ): Promise<NonNullable<Result>> {
    const wait = `(${waitInPage})(() => ${callOf(run, args)}, ${PATIENCE_MS})`;
    try {
      return await this.page.evaluate(wait) as NonNullable<Result>;
    } catch (error) {
      throw new Error(`Waited in vain for ${run.name || run}(${JSON.stringify(args).slice(1, -1)})`, { cause: error });
    }
  }

  /** Waits until an element is shown. @param name a part of its label or its text */
  async see(selector: string, name = ""): Promise<void> {
    await this.until(isShown, selector, name);
  }

  /** Waits until no such element is shown. */
  async miss(selector: string, name = ""): Promise<void> {
    await this.until(isGone, selector, name);
  }

  /** Clicks an element as soon as it stands still and nothing covers it. */
  async click(selector: string, name = ""): Promise<void> {
    const place = await this.until(placeOf, selector, name);
    await this.page.drag(place, place);
  }

  /** Points at an element with the mouse. */
  async hover(selector: string, name = ""): Promise<void> {
    await this.page.pointAt(await this.until(placeOf, selector, name));
  }

  /** Selects the text of the first such element with the mouse: drags from its first letter to its last. */
  async select(selector: string, name = ""): Promise<void> {
    await this.until(placeOf, selector, name);
    const [from, to] = await this.call(endsOf, selector, name);
    await this.page.drag(from, to);
  }

  /** Writes into a box, and sends it with Enter. */
  async send(text: string): Promise<void> {
    await this.click("textarea");
    await this.page.type(text);
    await this.page.press("Enter");
  }

  /** The text of each shown element. */
  texts(selector: string): Promise<string[]> {
    return this.call(textsOf, selector);
  }
}

// deno-lint-ignore no-explicit-any -- the caller has checked the arguments
function callOf(run: PageFunction<any, unknown>, args: readonly unknown[]): string {
  return `(${run})(${[shownElements, ...args.map((arg) => JSON.stringify(arg))].join(", ")})`;
}

/** Calls a function after each frame until it returns something truthy. */
function waitInPage(check: () => unknown, patienceMs: number): Promise<unknown> {
  const deadline = performance.now() + patienceMs;
  return new Promise((resolve, reject) => {
    const tick = () => {
      const found = check();
      if (found) resolve(found);
      else if (performance.now() > deadline) reject(new Error("The time is up"));
      else requestAnimationFrame(tick);
    };
    tick();
  });
}

/** The shown elements with this selector, also those in shadow roots, whose label or text contains `name`. */
function shownElements(selector: string, name = ""): HTMLElement[] {
  const all = (root: ParentNode): HTMLElement[] => [
    ...root.querySelectorAll<HTMLElement>(selector),
    ...[...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => shadowRoot ? all(shadowRoot) : []),
  ];
  return all(document).filter((element) =>
    element.checkVisibility({ visibilityProperty: true }) &&
    [element.getAttribute("aria-label"), element.textContent].some((text) => text?.includes(name))
  );
}

/** True if such an element is shown. */
function isShown(shown: Shown, selector: string, name: string): boolean {
  return shown(selector, name).length > 0;
}

/** True if no such element is shown. */
function isGone(shown: Shown, selector: string, name: string): boolean {
  return shown(selector, name).length === 0;
}

/** The middle of the first such element; undefined while there is none, while it moves, and while it is covered. */
function placeOf(shown: Shown, selector: string, name: string): Place | undefined {
  const [element] = shown(selector, name);
  if (element === undefined) return undefined;
  element.scrollIntoView({ block: "nearest", behavior: "instant" });
  const { x, y, width, height } = element.getBoundingClientRect();
  const place = { x: x + width / 2, y: y + height / 2 };
  // At the start of an animation an element stands still for a moment.
  for (let part: Element | null = element; part !== null;) {
    if (part.getAnimations().some(({ timeline }) => timeline === document.timeline)) return undefined;
    part = part.parentElement ?? (part.getRootNode() as Partial<ShadowRoot>).host ?? null;
  }
  const page = globalThis as { lastPlace?: string };
  const isStill = page.lastPlace === JSON.stringify(place);
  page.lastPlace = JSON.stringify(place);
  let root: Document | ShadowRoot = document;
  let top: Element | null = null;
  for (let next: Element | null = root.elementFromPoint(place.x, place.y); next !== null && next !== top;) {
    top = next;
    root = top.shadowRoot ?? root;
    next = root.elementFromPoint(place.x, place.y);
  }
  return isStill && element.contains(top) ? place : undefined;
}

/** Where the text of the first such element begins and ends. */
function endsOf(shown: Shown, selector: string, name: string): [Place, Place] {
  const range = document.createRange();
  range.selectNodeContents(shown(selector, name)[0] as HTMLElement);
  const lines = [...range.getClientRects()].filter(({ width }) => width > 0);
  const [first, last] = [lines[0], lines.at(-1)] as [DOMRect, DOMRect];
  return [{ x: first.left + 1, y: first.top + first.height / 2 }, {
    x: last.right - 1,
    y: last.top + last.height / 2,
  }];
}

function textsOf(shown: Shown, selector: string): string[] {
  return shown(selector).map((element) => element.innerText.trim());
}
