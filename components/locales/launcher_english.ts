/**
 * The English strings that a launcher needs before the component is loaded.
 * @module
 */

/** The strings by name. `launcher_strings.ts` has them in other languages. */
export const LAUNCHER_ENGLISH = {
  loadFailed: "The chat could not be loaded. Try again.",
  dismiss: "Dismiss",
};

/** The strings of a launcher. */
export type LauncherStrings = Readonly<typeof LAUNCHER_ENGLISH>;
