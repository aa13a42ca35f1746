/**
 * What the flows need from a browser engine. Each engine has a driver of its own with these few calls; everything else is
 * built on them in `visitor.ts`.
 * @module
 */

/** The keys that a driver can press, by their names in the DOM. */
export type Key = "Enter" | "Escape" | "Tab" | "c" | "v";

/** A key that can be held down meanwhile. */
export type Modifier = "Shift" | "Control";

/** A place in the window, in CSS pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The mouse of a driver: Playwright's and Puppeteer's are alike. */
interface Mouse {
  move(x: number, y: number): Promise<void>;
  down(): Promise<void>;
  up(): Promise<void>;
}

/** {@linkcode EnginePage.drag} by a driver's mouse. */
export async function dragMouse(mouse: Mouse, from: Place, to: Place): Promise<void> {
  await mouse.move(from.x, from.y);
  await mouse.down();
  await mouse.move(to.x, to.y);
  await mouse.up();
}

/** A page in a profile of its own. Disposing of it forgets the profile. */
export interface EnginePage extends AsyncDisposable {
  /** Opens an address, and waits until it has loaded. */
  open(url: string): Promise<void>;
  /** Evaluates an expression in the page. It waits for a promise. @throws {Error} as the expression does */
  evaluate(expression: string): Promise<unknown>;
  /** Moves the mouse to a place. */
  pointAt(place: Place): Promise<void>;
  /** Moves the mouse to a place, presses its button, moves to another place, and releases it. The same place: a click. */
  drag(from: Place, to: Place): Promise<void>;
  /** Types text into what has the focus. */
  type(text: string): Promise<void>;
  /** Presses and releases a key. @param held the key that is held down meanwhile */
  press(key: Key, held?: Modifier): Promise<void>;
}

/** A running engine. */
export interface Engine extends AsyncDisposable {
  /** Opens an empty page. An engine may have one page at a time. */
  newPage(): Promise<EnginePage>;
}

/** How an engine is started. */
export interface EngineStarter {
  readonly name: string;
  /** Starts the engine. @returns a string that says what is missing here, where it cannot run */
  start(): Promise<Engine | string>;
}

/** The size of the window, in CSS pixels. */
export const WINDOW = { width: 1280, height: 800 };

/** The first of these files that exists. */
export async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  return undefined;
}
