/**
 * Marks code blocks and tables that scroll sideways. Only they fade where they are cut, as each fade costs a frame time,
 * and only such code has the button that wraps its lines.
 * @module
 */
import { ref } from "lit/directives/ref.js";
import type { DirectiveResult } from "lit/directive.js";

const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const scroller = target.closest("pre, .table");
    const block = scroller?.closest(".code, .table");
    if (scroller) block?.toggleAttribute("data-wide", scroller.scrollWidth > scroller.clientWidth);
  }
});

/** A directive for the element of a block: it has `data-wide` while its content does not fit. */
export function markWide(): DirectiveResult {
  return ref(observe);
}

/** A block changes its size with the window, and its content with the text. */
function observe(block: Element | undefined): void {
  block?.querySelectorAll("pre, code, table").forEach((element) => observer.observe(element));
  if (block?.matches(".table")) observer.observe(block);
}
