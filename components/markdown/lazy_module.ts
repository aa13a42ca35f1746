/**
 * Modules that an answer loads when it first needs them.
 * @module
 */

/** What a lazily loaded module exports besides its functions. */
interface Styled {
  /** Its styles, for the shadow root that shows what it renders. */
  readonly styles: CSSStyleSheet | undefined;
}

const RETRY_MS = 5000;
const MAX_AWAIT_MS = 3000;

/** A module that is loaded once, when it is first needed. */
export class LazyModule<Module extends Styled> {
  /** The module, once it is loaded. */
  module: Module | undefined;
  #import: () => Promise<Module>;
  #loading!: Promise<Module>;
  #retryAt = -1;
  #awaitUntil = 0;

  /** @param load imports the module */
  constructor(load: () => Promise<Module>) {
    this.#import = load;
  }

  /** True while the module is loading for the first time, for some seconds: what follows its content waits for it. */
  get isAwaited(): boolean {
    return this.module === undefined && performance.now() < this.#awaitUntil;
  }

  /** Sets how the module is imported. */
  from(load: () => Promise<Module>): void {
    this.#import = load;
  }

  /** Loads the module. If that fails, a call some seconds later tries again: answers call this for every frame. */
  load(): Promise<Module> {
    const now = performance.now();
    if (now > this.#retryAt) {
      if (this.#retryAt < 0) this.#awaitUntil = now + MAX_AWAIT_MS;
      this.#retryAt = Infinity;
      this.#loading = this.#import().then((module) => this.module = module, (error) => {
        this.#awaitUntil = 0;
        this.#retryAt = performance.now() + RETRY_MS;
        throw error;
      });
    }
    return this.#loading;
  }

  /** Returns the module. While it is not loaded, loads it, and calls `onChange` once it is. */
  need(onChange: () => void): Module | undefined {
    // If it cannot be loaded, what is shown in its place stays.
    if (this.module === undefined) this.load().then(onChange, () => {});
    return this.module;
  }

  /** Renders with the module, or `fallback` while it is not loaded: `onChange` is called once it is. */
  render(render: (module: Module) => unknown, fallback: unknown, onChange: () => void): unknown {
    const module = this.need(onChange);
    return module === undefined ? fallback : render(module);
  }

  /** Adds the styles of the module to `root`, once it is loaded. */
  adoptStyles(root: ShadowRoot): void {
    const sheet = this.module?.styles;
    if (sheet === undefined || root.adoptedStyleSheets.includes(sheet)) return;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }
}
