/**
 * Text in a template that grows at its end. Lit replaces the whole text of a node, and with it any selection that
 * begins or ends there; this only appends.
 * @module
 */
import { noChange } from "lit";
import { type ChildPart, Directive, directive, type DirectiveResult } from "lit/directive.js";

class GrowingText extends Directive {
  #node: Text | undefined;

  override render(text: string): Text {
    return this.#node = new Text(text);
  }

  override update(_part: ChildPart, [text]: [string]): unknown {
    if (this.#node === undefined) return this.render(text);
    updateText(this.#node, text);
    return noChange;
  }
}

const growing = directive(GrowingText);

/** A text node that keeps a selection in it while the text grows. */
export function growingText(text: string): DirectiveResult {
  return growing(text);
}

/** Makes `text` of the node's text, by appending alone where that is enough. */
export function updateText(node: Text, text: string): void {
  if (node.data === text) return;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}
