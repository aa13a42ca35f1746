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

const RETRY_MS = 5000;

/** A module that is loaded once, when it is first needed. */
export class LazyModule<Module extends Styled> {
  /** The module, once it is loaded. */
  module: Module | undefined;
  #import: () => Promise<Module>;
  #loading!: Promise<Module>;
  #retryAt = -1;

  /** @param load imports the module */
  constructor(load: () => Promise<Module>) {
    this.#import = load;
  }

  /** Sets how the module is imported. */
  from(load: () => Promise<Module>): void {
    this.#import = load;
  }

  /** Loads the module. If that fails, a call some seconds later tries again: answers call this for every frame. */
  load(): Promise<Module> {
    if (performance.now() > this.#retryAt) {
      this.#retryAt = Infinity;
      this.#loading = this.#import().then((module) => this.module = module, (error) => {
        this.#retryAt = performance.now() + RETRY_MS;
        throw error;
      });
    }
    return this.#loading;
  }
}

class Lazy extends AsyncDirective {
  #lazy: LazyModule<Styled> | undefined;
  #render: (module: Styled) => unknown = () => undefined;

  override render(_lazy: LazyModule<Styled>, _render: (module: Styled) => unknown, fallback: unknown): unknown {
    return fallback;
  }

  override update(
    part: ChildPart,
    [lazy, render, fallback]: [LazyModule<Styled>, (module: Styled) => unknown, unknown],
  ): unknown {
    const { module } = this.#lazy = lazy;
    this.#render = render;
    // In the next microtask: a new template is added to the page only after this call.
    lazy.load().then((loaded) => {
      adopt(part.parentNode, loaded.styles);
      if (module === undefined && this.isConnected) this.reconnected();
    }, () => {
      // The fallback stays.
    });
    return module === undefined ? fallback : render(module);
  }

  override reconnected(): void {
    if (this.#lazy?.module !== undefined) this.setValue(this.#render(this.#lazy.module));
  }
}

/** Adds the styles to the root of a node, unless the node was removed in the meantime. */
function adopt(node: Node | null, sheet: CSSStyleSheet | undefined): void {
  const root = node?.getRootNode();
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
