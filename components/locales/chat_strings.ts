/**
 * The type of the component's strings: those of the start, of the lazily loaded parts, and of the page's features.
 * @module
 */
import type { CORE_ENGLISH } from "./core_strings.ts";
import type { EXTRA_ENGLISH } from "./extra_strings.ts";
import type { FEATURE_ENGLISH } from "./feature_strings.ts";

/** Every string of the component by name. */
export type ChatStrings = Readonly<typeof CORE_ENGLISH & typeof EXTRA_ENGLISH & typeof FEATURE_ENGLISH>;
