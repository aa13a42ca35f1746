/**
 * The sources of the pages that test `@chat-stream/element`, as its users write them. They are text, because their
 * packages are not the project's.
 * @module
 */

/** A React page that sets every kind of prop, and removes some on a click. */
export const REACT_PAGE = `
import { StrictMode, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { ChatStream, type ChatStreamElement } from "@chat-stream/element/react";

export function App() {
  const chat = useRef<ChatStreamElement>(null);
  const [log, setLog] = useState<readonly string[]>([]);
  const [isPlain, setPlain] = useState(false);
  const add = (entry: string) => setLog((entries) => [...entries, entry]);
  return (
    <>
      <ChatStream
        ref={chat}
        className="chat"
        heading="Help desk"
        persistKey={isPlain ? undefined : "orders"}
        starters={isPlain ? undefined : ["Where is my order?"]}
        tools={[{ name: "get_order", description: "Finds an order", parameters: {}, run: () => "sent" }]}
        request={{ temperature: 0 }}
        onChatSend={({ content }) => add(\`sent \${String(content)}\`)}
        onChatStop={({ answer }) => add(\`answer \${answer.text}\`)}
      >
        <span slot="footer">Answers may be wrong.</span>
      </ChatStream>
      <button onClick={() => setPlain(true)}>Remove props</button>
      <button onClick={() => void chat.current?.send("From the ref")}>Ask by ref</button>
      <output>{log.join("; ")}</output>
    </>
  );
}

createRoot(document.getElementById("root")!).render(<StrictMode><App /></StrictMode>);
`;

/** The same file type, but only for its types: the plain tag, and mistakes that the compiler must find. */
export const REACT_TYPES = `
import { createRef } from "react";
import { ChatStream, type ChatStreamElement, type ChatStreamProps } from "@chat-stream/element/react";

const ref = createRef<ChatStreamElement>();
export const plain = (
  <chat-stream ref={ref} mode="launcher" persist="local" onchat-error={(event) => console.log(event.error.type)}>
    <h2 slot="header">Title</h2>
  </chat-stream>
);
export const props: ChatStreamProps = { theme: "dark", getToken: async () => "token", style: { height: 400 } };
// @ts-expect-error Only three modes exist.
export const wrongMode = <ChatStream mode="popup" />;
// @ts-expect-error The event of chat-stop has no such field.
export const wrongEvent = <ChatStream onChatStop={(event) => event.text} />;
// @ts-expect-error The component has no such prop.
export const unknownProp = <ChatStream colour="red" />;
// @ts-expect-error The event of chat-toggle has no such field.
export const wrongPlainEvent = <chat-stream onchat-toggle={(event) => event.text} />;
`;

/** The types of Vue and Svelte templates, and of a page without a framework. */
export const OTHER_TYPES = `
import type { GlobalComponents } from "vue";
import type { SvelteHTMLElements } from "svelte/elements";
import type {} from "@chat-stream/element/vue";
import type {} from "@chat-stream/element/svelte";
import "@chat-stream/element";
import type { ChatTool } from "@chat-stream/element";
import { streamChat } from "@chat-stream/element/client";

type Tag = InstanceType<GlobalComponents["chat-stream"]>;
export const vue: Tag["$props"] = { mode: "page", starters: ["Hi"], maxToolRounds: 2, class: "chat" };
// @ts-expect-error Only three modes exist.
export const wrongVue: Tag["$props"] = { mode: "popup" };
export function listen(tag: Tag) {
  tag.$emit("chat-delta", new Event("chat-delta") as HTMLElementEventMap["chat-delta"]);
  // @ts-expect-error The component has no such event.
  tag.$emit("chat-finished");
}
export const svelte: SvelteHTMLElements["chat-stream"] = {
  heading: "Help",
  tools: [],
  "onchat-stop": (event) => console.log(event.answer.text),
};
// @ts-expect-error Only three themes exist.
export const wrongSvelte: SvelteHTMLElements["chat-stream"] = { theme: "blue" };

const tool: ChatTool = { name: "now", parameters: {}, run: () => new Date().toISOString() };
const chat = document.querySelector("chat-stream")!;
chat.tools = [tool];
chat.addEventListener("chat-stop", ({ answer }) => console.log(answer.usage));
export const answer = streamChat({ endpoint: "/api/chat", request: { messages: [] }, onEvent: ({ type }) => type });
`;

/** Renders the page's component where there is no DOM. */
export const SERVER_RENDERING = `
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import "@chat-stream/element";
import { streamChat } from "@chat-stream/element/client";
import { ChatStream } from "@chat-stream/element/react";

if (typeof streamChat !== "function") throw new Error("The client has no streamChat");
console.log(renderToString(createElement(ChatStream, { mode: "launcher", heading: "Help", tools: [], className: "chat" })));
`;

/** A page around a built script. @param tag the attributes of the script */
export function pageWith(tag: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><div id="root"></div><script ${tag}></script></html>`;
}

/** The same page in Vue, as the README writes it. */
export const VUE_PAGE = `
<script setup lang="ts">
import { ref } from "vue";
import "@chat-stream/element";
import type { ChatTool } from "@chat-stream/element";
import type {} from "@chat-stream/element/vue";
const tools: ChatTool[] = [{ name: "get_order", description: "Finds an order", parameters: {}, run: () => "sent" }];
const log = ref("");
</script>

<template>
  <chat-stream class="chat" heading="Help desk" persist-key="orders" :starters.prop="['Where is my order?']" :tools.prop="tools"
    :request.prop="{ temperature: 0 }" @chat-stop="(event) => log = event.answer.text" />
  <output>{{ log }}</output>
</template>
`;

/** The same page in Svelte, as the README writes it. */
export const SVELTE_PAGE = `
<script lang="ts">
  import "@chat-stream/element";
  import type { ChatStreamElement, ChatTool } from "@chat-stream/element";
  import type {} from "@chat-stream/element/svelte";
  const tools: ChatTool[] = [{ name: "get_order", description: "Finds an order", parameters: {}, run: () => "sent" }];
  let chat: ChatStreamElement;
  let log = $state("");
  $effect(() => void (chat.getToken = () => "token"));
</script>

<chat-stream bind:this={chat} class="chat" heading="Help desk" persist-key="orders" starters={["Where is my order?"]} {tools}
  request={{ temperature: 0 }} onchat-stop={(event) => log = event.answer.text}></chat-stream>
<output>{log}</output>
`;
