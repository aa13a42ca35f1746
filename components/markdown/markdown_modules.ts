/**
 * The modules that an answer loads when it first needs them.
 * @module
 */
import { LazyModule } from "./lazy_module.ts";
import type { MarkdownStrings } from "./markdown_context.ts";

/** Formulas. A module of its own, as it contains Temml. */
export const MATH: LazyModule<typeof import("./math.ts")> = new LazyModule(() => import("./math.ts"));

/** The exports of `markdown_extras.ts`, and the English strings for them. */
export type MarkdownExtras = typeof import("./markdown_extras.ts") & { readonly strings?: Partial<MarkdownStrings> };

/** Code, tables, images, footnotes, sources and long answers. The element imports it: see `element.ts`. */
export const EXTRAS: LazyModule<MarkdownExtras> = new LazyModule(() => Promise.reject(new Error("Not set up")));

/** True while a module is awaited: text that was shown now would move when the module's content appears. */
export function isAwaitingModule(): boolean {
  return EXTRAS.isAwaited || MATH.isAwaited;
}
