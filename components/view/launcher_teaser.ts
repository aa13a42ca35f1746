/**
 * The launcher's teaser: a message beside the closed button, which opens the chat when it is pressed. Loaded lazily, as
 * most pages have none, and without the component.
 * @module
 */
import type { LauncherButton } from "./launcher_button.ts";

const TEASER_CSS = `
.teaser{display:flex;align-items:flex-start;padding:0;border-end-end-radius:calc(var(--_r)*.3)}
.teaser button{margin:0;border:0;background:none;color:inherit;font:inherit;text-align:start;cursor:pointer;
border-radius:inherit;-webkit-tap-highlight-color:transparent}
.teaser button:focus-visible{outline:2px solid var(--_a);outline-offset:-2px}
.teaser .teaser-text{flex:1;min-inline-size:0;padding:.8em 0;padding-inline:1.1em .1em;overflow-wrap:anywhere}
.teaser .teaser-close{flex:none;display:grid;place-items:center;inline-size:2.25em;block-size:2.25em;margin:.35em;
padding:0;border-radius:calc(var(--_r)*2);opacity:.65}
.teaser .teaser-close:hover{opacity:1;background:color-mix(in srgb,currentColor 9%,transparent)}
.teaser svg{inline-size:1em;block-size:1em;fill:none;stroke:currentColor;stroke-width:2.25;stroke-linecap:round}
@media (prefers-reduced-motion:no-preference){.teaser{transform-origin:100% 100%;animation:teaser .18s ease-out}
.teaser:dir(rtl){transform-origin:0 100%}@keyframes teaser{from{opacity:0;scale:.9;translate:0 .4em}}}`;

/** The seconds before a teaser is shown, unless the page sets others. */
const DEFAULT_DELAY_S = 5;

/** What was scheduled last. */
const scheduled = new WeakMap<HTMLElement, { readonly text: string; readonly timer: ReturnType<typeof setTimeout> }>();

/** Shows the teaser that the element names, after its delay. A second call with the same text changes nothing. */
export function scheduleTeaser(host: HTMLElement, launcher: LauncherButton): void {
  const text = launcher.setting("teaser");
  const last = scheduled.get(host);
  if (last?.text === text) return;
  clearTimeout(last?.timer);
  const delay = Number(launcher.setting("teaserDelay", "teaser-delay") || DEFAULT_DELAY_S);
  const show = () => text !== "" && host.isConnected && showTeaser(host, launcher, text);
  scheduled.set(host, { text, timer: setTimeout(show, delay * 1000) });
}

/** Shows a teaser, unless the panel is or was open, or the visitor has dismissed one. */
export function showTeaser(host: HTMLElement, launcher: LauncherButton, text: string): void {
  const root = host.shadowRoot;
  const { button } = launcher;
  if (root === null || button.ariaExpanded === "true" || launcher.remembered("teaser")) return;
  const old = root.querySelector(".teaser");
  if (old === null) launcher.addStyles(TEASER_CSS);
  else old.remove();
  launcher.greeting = text;
  const message = launcher.create("button", "teaser-text");
  message.id = "teaser";
  message.textContent = text;
  message.onclick = () => button.click();
  const close = launcher.create("button", "teaser-close");
  close.ariaLabel = close.title = launcher.strings.dismiss;
  close.append(launcher.drawIcon("m6 6 12 12M18 6 6 18"));
  const teaser = launcher.create("div", "note teaser");
  const dismiss = () => {
    launcher.greeting = "";
    launcher.remembered("teaser", "done");
    teaser.remove();
    button.focus();
  };
  close.onclick = dismiss;
  teaser.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    // A dialog of the page that contains the launcher stays open.
    event.preventDefault();
    dismiss();
  });
  teaser.setAttribute("part", "teaser");
  teaser.role = "status";
  button.setAttribute("aria-describedby", message.id);
  button.before(teaser);
  // A live region announces what is added to it after it is there.
  teaser.append(message, close);
}
