/**
 * A directive that shows a DOM node from a function of the page in place of a view of the component. The function is
 * called when its arguments change. If it returns no node or throws, the component's own view is shown.
 * @module
 */
import { Directive, directive, type DirectiveResult } from "lit/directive.js";
import type { ToolCall } from "../../protocol/chat_request.ts";
import type { ChatEntry, ToolResult } from "../chat/chat_state.ts";

/**
 * Functions that replace views of the component. Each returns a DOM node. If it returns undefined or throws, the
 * component's own view is shown. A function is called again only when its arguments have changed. The node is inside the
 * component's shadow root, where style sheets of the page do not apply.
 */
export interface ChatRenderers {
  /** Code blocks by their language, in lower case. `complete` is false while the block may still grow. */
  readonly code?: Readonly<Record<string, (source: string, info: { readonly complete: boolean }) => Node | undefined>>;
  /** Tool calls by the name of the tool. While an answer streams, the arguments may be incomplete JSON. */
  readonly tools?: Readonly<Record<string, (call: ToolCall, result: ToolResult | undefined) => Node | undefined>>;
  /** The text of a message. While an answer streams, the function is called for each change that is shown. */
  readonly message?: (entry: ChatEntry) => Node | undefined;
}

class CustomView extends Directive {
  #arguments: readonly unknown[] = [];
  #node: Node | undefined;

  override render(
    create: (...args: never[]) => Node | undefined,
    args: readonly unknown[],
    fallback: unknown,
  ): unknown {
    const current = [create, ...args];
    const isKnown = current.length === this.#arguments.length && current.every((arg, i) => arg === this.#arguments[i]);
    if (!isKnown) {
      this.#arguments = current;
      this.#node = callSafely(create as (...args: readonly unknown[]) => unknown, args);
    }
    return this.#node ?? fallback;
  }
}

/** Calls a function of the page. Its exceptions go to `reportError`. */
function callSafely(create: (...args: readonly unknown[]) => unknown, args: readonly unknown[]): Node | undefined {
  try {
    const result = create(...args);
    // A string is not shown: it may be meant as HTML.
    return result instanceof Node ? result : undefined;
  } catch (error) {
    reportError(error);
    return undefined;
  }
}

/**
 * Shows the node that `create` returns, or `fallback`.
 * @param create the page's function @param args its arguments, compared by identity @param fallback a template
 */
export const customView: <Args extends readonly unknown[]>(
  create: (...args: Args) => Node | undefined,
  args: Args,
  fallback: unknown,
) => DirectiveResult = directive(CustomView) as never;
