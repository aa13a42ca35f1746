/**
 * Settles the finished segments of a long answer: out of view they keep their height but have no boxes. A frame then
 * costs as much at the end of the answer as at its beginning, and the garbage collector, which visits every box, has
 * less to do.
 * @see https://drafts.csswg.org/css-contain-2/#content-visibility
 * @module
 */
import { ref } from "lit/directives/ref.js";
import type { DirectiveResult } from "lit/directive.js";
import { pauseHighlights, resumeHighlights } from "./code_text.ts";

/** The width of each settled segment: at another width its text has another height. */
const widths = new WeakMap<Element, number>();

/** Settles a segment once it has been laid out, and again after its width has changed. */
const observer = new ResizeObserver((entries) => {
  for (const { target, contentRect: { width } } of entries) {
    if (width === 0) continue;
    const isSettled = width === (widths.get(target) ?? width);
    widths.set(target, width);
    target.classList.toggle("settled", isSettled);
    if (!isSettled) observeAgain(target);
  }
});

const whenIdle: (work: () => void) => void = globalThis.requestIdleCallback ?? setTimeout;

/** A directive for the element of a segment that later text cannot change. */
export function settledSegment(): DirectiveResult {
  return ref(settle);
}

function settle(element: Element | undefined): void {
  if (element === undefined) return;
  element.addEventListener("contentvisibilityautostatechange", onSkip);
  observer.observe(element);
}

function observeAgain(element: Element): void {
  observer.unobserve(element);
  requestAnimationFrame(() => observer.observe(element));
}

function onSkip(event: Event): void {
  const segment = event.currentTarget as HTMLElement;
  if (!(event as ContentVisibilityAutoStateChangeEvent).skipped) return resumeHighlights(segment);
  pauseHighlights(segment);
  whenIdle(() => removeBoxes(segment));
}

/** A skipped segment keeps the boxes that it has, until `display` removes them. The answer keeps its height meanwhile. */
function removeBoxes(segment: HTMLElement): void {
  const { parentElement: answer } = segment;
  // The visitor may have scrolled back to it.
  if (answer === null || isInView(segment)) return;
  answer.style.blockSize = `${answer.getBoundingClientRect().height}px`;
  segment.hidden = true;
  answer.getBoundingClientRect();
  segment.hidden = false;
  answer.style.blockSize = "";
  // The browser decides anew in the next frame. There is no event where it comes into view at that moment.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (isInView(segment)) resumeHighlights(segment);
    })
  );
}

function isInView(segment: HTMLElement): boolean {
  return segment.checkVisibility({ contentVisibilityAuto: true });
}
