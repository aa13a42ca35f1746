"use client";
/**
 * `<ChatStream>` for React 19. The component is loaded after React has rendered, and until then React would write its
 * properties as attributes. This wrapper assigns them to the element, and Lit takes them over.
 */
import { createElement, useImperativeHandle, useLayoutEffect, useRef } from "react";
import "./chat-stream.js";

const TAG = "chat-stream";
/** The props that every element has. All others are properties of the component. */
const NATIVE = new Set([
  "autoFocus",
  "children",
  "className",
  "dangerouslySetInnerHTML",
  "dir",
  "draggable",
  "hidden",
  "id",
  "inert",
  "lang",
  "nonce",
  "part",
  "popover",
  "role",
  "slot",
  "style",
  "suppressHydrationWarning",
  "tabIndex",
  "title",
  "translate",
]);
/** Attributes and events with a common beginning, which every element has too. */
const NATIVE_PREFIX = /^(?:aria-|data-|on[A-Z])/;
/** The launcher's button reads these attributes before the component is loaded. */
const EARLY = ["mode", "opened", "heading", "teaser"];

export function ChatStream({ ref, ...props }) {
  const element = useRef(null);
  const assigned = useRef({});
  const native = { ref: element };
  const own = {};
  for (const [name, value] of Object.entries(props)) {
    // React listens under the name behind `on`: `onchat-stop` for `onChatStop`.
    if (/^onChat[A-Z]/.test(name)) native[`on${toKebab(name.slice(2))}`] = value;
    else if (NATIVE.has(name) || NATIVE_PREFIX.test(name)) native[name] = value;
    else if (value !== undefined) own[name] = value;
  }
  for (const name of EARLY) if (name in own) native[name] = own[name];
  useImperativeHandle(ref, () => element.current, []);
  useLayoutEffect(() => {
    assign(element.current, assigned.current, own);
    assigned.current = own;
  });
  return createElement(TAG, native);
}

/** Assigns the properties that have changed. One that is gone gets its default again. */
function assign(element, before, after) {
  for (const [name, value] of Object.entries(after)) if (!Object.is(before[name], value)) element[name] = value;
  for (const name of Object.keys(before)) {
    if (name in after) continue;
    if (customElements.get(TAG)) element[name] = document.createElement(TAG)[name];
    else delete element[name];
  }
}

function toKebab(name) {
  return name.replace(/[A-Z]/g, (letter, index) => `${index > 0 ? "-" : ""}${letter.toLowerCase()}`);
}
