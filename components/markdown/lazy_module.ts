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

  /** Renders with the module, or `fallback` while it is not loaded: `onChange` is called once it is. */
  render(render: (module: Module) => unknown, fallback: unknown, onChange: () => void): unknown {
    if (this.module !== undefined) return render(this.module);
    this.load().then(onChange, () => {
      // The fallback stays.
    });
    return fallback;
  }

  /** Adds the styles of the module to `root`, once it is loaded. */
  adoptStyles(root: ShadowRoot): void {
    const sheet = this.module?.styles;
    if (sheet === undefined || root.adoptedStyleSheets.includes(sheet)) return;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }
}
