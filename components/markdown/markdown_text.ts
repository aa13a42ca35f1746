/**
 * Growing text in a template. Lit would replace the whole text of a node and lose a selection in it; this only appends.
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

/** A directive for growing text that keeps a selection in its text node. */
export function growingText(text: string): DirectiveResult {
  return growing(text);
}

/** Sets the text of a node, by appending only if that is enough. */
export function updateText(node: Text, text: string): void {
  if (node.data === text) return;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}
