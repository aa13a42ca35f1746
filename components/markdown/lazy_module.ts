/**
 * Modules that an answer loads when it first needs them, and a directive that shows something else until then.
 * @module
 */
import { AsyncDirective } from "lit/async-directive.js";
import { type ChildPart, directive, type DirectiveResult } from "lit/directive.js";

/** What a lazily loaded module exports besides its functions. */
interface Styled {
  /** Its styles, for the shadow root that shows what it renders. */
  readonly styles: CSSStyleSheet | undefined;
}

/** A module that is loaded once, when it is first needed. */
export class LazyModule<Module extends Styled> {
  /** The module, once it is loaded. */
  module: Module | undefined;
  #import: () => Promise<Module>;
  #loading: Promise<Module> | undefined;

  /** @param load imports the module */
  constructor(load: () => Promise<Module>) {
    this.#import = load;
  }

  /** Sets how the module is imported. */
  from(load: () => Promise<Module>): void {
    this.#import = load;
  }

  /** Loads the module. If that fails, the next call tries again. */
  load(): Promise<Module> {
    return this.#loading ??= this.#import().then((module) => this.module = module, (error) => {
      this.#loading = undefined;
      throw error;
    });
  }
}

class Lazy extends AsyncDirective {
  #render: (module: Styled) => unknown = () => undefined;

  override render(_lazy: LazyModule<Styled>, _render: (module: Styled) => unknown, fallback: unknown): unknown {
    return fallback;
  }

  override update(
    part: ChildPart,
    [lazy, render, fallback]: [LazyModule<Styled>, (module: Styled) => unknown, unknown],
  ): unknown {
    this.#render = render;
    // A new element is added to the page only after this call.
    const loaded = lazy.load().then((module) => {
      adopt(part.parentNode.getRootNode(), module.styles);
      return module;
    });
    if (lazy.module !== undefined) return render(lazy.module);
    loaded.then((module) => this.isConnected && this.setValue(this.#render(module)), () => {
      // The fallback stays.
    });
    return fallback;
  }
}

function adopt(root: Node, sheet: CSSStyleSheet | undefined): void {
  if (sheet === undefined || !(root instanceof ShadowRoot) || root.adoptedStyleSheets.includes(sheet)) return;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

const lazily = directive(Lazy);

/** A directive that renders with a lazily loaded module, and shows `fallback` until it is loaded. */
export function withModule<Module extends Styled>(
  lazy: LazyModule<Module>,
  render: (module: Module) => unknown,
  fallback: unknown,
): DirectiveResult {
  return lazily(lazy as LazyModule<Styled>, render as (module: Styled) => unknown, fallback);
}
