/**
 * The panel of a launcher, as one module: it is loaded with the component if the page has a launcher.
 * @module
 */
// A hint for the bundler: what is used here and there stays in the component's chunk.
import "./chat_stream.ts";

export { LauncherPanel } from "./view/launcher_panel.ts";
