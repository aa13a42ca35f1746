/**
 * Registers `<chat-stream>`. The component is loaded at once, unless all elements on the page are launchers: those first
 * get only a button, and the component is loaded when a visitor uses it. Importing this module has no effect and needs no
 * DOM.
 * @module
 */
import type { ChatStream } from "./chat_stream.ts";
import { LAUNCHER_CSS, MARK_PATH } from "./view/launcher_button.ts";

declare global {
  interface HTMLElementTagNameMap {
    "chat-stream": ChatStream;
  }
}

const TAG = "chat-stream";
/** The elements that only have a button yet. */
const buttons = new Set<HTMLElement>();
let loading: Promise<void> | undefined;
let observer: MutationObserver | undefined;
let defaultEndpoint = "";

/**
 * Registers the element. Without a DOM, as on a server that renders pages, and after the first call it does nothing.
 * @param endpoint the URL of `POST /api/chat` for elements that name none
 */
export function defineChatStream(endpoint: string): void {
  if (typeof document === "undefined" || defaultEndpoint !== "" || customElements.get(TAG) !== undefined) return;
  defaultEndpoint = endpoint;
  const present = [...document.querySelectorAll<HTMLElement>(TAG)];
  if (present.length === 0 || !present.every(isLauncher)) return void load();
  present.forEach(addButton);
  observer = new MutationObserver(onMutation);
  observer.observe(document, { childList: true, subtree: true });
}

/** Loads the component and upgrades every element on the page. After a failure, the next call tries again. */
function load(): Promise<void> {
  return loading ??= import("./chat_stream.ts").then(({ ChatStream }) => {
    observer?.disconnect();
    for (const element of buttons) {
      // The component renders into the same shadow root and has its own `open`.
      element.shadowRoot?.replaceChildren();
      delete (element as Partial<ChatStream>).open;
    }
    buttons.clear();
    customElements.get(TAG) ?? customElements.define(
      TAG,
      class extends ChatStream {
        protected override get defaultEndpoint() {
          return defaultEndpoint;
        }
        protected override get loaders() {
          return {
            attachments: () => import("./attachments.ts"),
            features: () => import("./features.ts"),
            keeper: () => import("./keeper.ts"),
            occasional: () => import("./occasional.ts"),
            markdown: () => import("./markdown_extras.ts"),
            tools: () => import("./tools.ts"),
          };
        }
      },
    );
  }).catch((error) => {
    loading = undefined;
    throw error;
  });
}

function addButton(element: HTMLElement): void {
  const root = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LAUNCHER_CSS);
  root.adoptedStyleSheets = [sheet];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", MARK_PATH);
  svg.append(path);
  const icon = document.createElement("slot");
  icon.name = "launcher-icon";
  icon.append(svg);
  const button = document.createElement("button");
  button.className = "launcher";
  button.type = "button";
  button.setAttribute("part", "launcher");
  button.setAttribute("aria-label", element.getAttribute("heading") ?? "Chat");
  button.setAttribute("aria-expanded", "false");
  button.append(icon);
  // Only fetched, not applied: the button must not be replaced between press and release.
  button.onpointerenter = button.onfocus = () => void import("./chat_stream.ts");
  const open = () => load().then(() => (element as ChatStream).open());
  button.onclick = () => void open();
  Object.assign(element, { open });
  root.append(button);
  buttons.add(element);
}

function isLauncher(element: Element): boolean {
  return element.getAttribute("mode") === "launcher" && !element.hasAttribute("opened");
}

/** Handles elements that are added later: the first one that is not a launcher loads the component. */
function onMutation(): void {
  for (const element of document.querySelectorAll<HTMLElement>(TAG)) {
    if (buttons.has(element)) continue;
    if (!isLauncher(element)) return void load();
    addButton(element);
  }
}
