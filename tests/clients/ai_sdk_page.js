/**
 * A React page with the AI SDK's `useChat`, as its users write it, for the browser test. `?chat=` names the chat, `?api=` the
 * server, and the messages are kept from one load to the next.
 * @module
 */
import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";

const parameters = new URLSearchParams(location.search);
const id = parameters.get("chat");
const api = parameters.get("api");

function Page() {
  const { messages, status, error, sendMessage, addToolOutput } = useChat({
    id,
    resume: true,
    messages: JSON.parse(sessionStorage.getItem(id) ?? "[]"),
    transport: new DefaultChatTransport({ api, body: { tools: [CITY_TOOL] } }),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    onToolCall({ toolCall }) {
      if (toolCall.toolName !== "city") return;
      addToolOutput({
        tool: "city",
        toolCallId: toolCall.toolCallId,
        output: { city: "Köln", of: toolCall.input.user },
      });
    },
    onFinish: (answer) => sessionStorage.setItem(id, JSON.stringify(answer.messages)),
  });
  const send = () => {
    const question = { id: crypto.randomUUID(), role: "user", parts: [{ type: "text", text: "Hi" }] };
    sessionStorage.setItem(id, JSON.stringify([...messages, question]));
    sendMessage(question);
  };
  return h(
    "main",
    null,
    messages.map((message) => h("article", { key: message.id, "data-role": message.role }, message.parts.map(viewOf))),
    h("output", { id: "status" }, status),
    h("output", { id: "error" }, error?.message),
    h("button", { onClick: send }, "Send"),
    h("button", { onClick: () => fetch(`${api}/${id}/stream`, { method: "DELETE" }) }, "Stop"),
  );
}

function viewOf(part, at) {
  if (part.type === "text") return h("p", { key: at }, part.text);
  if (part.type === "reasoning") return h("em", { key: at }, part.text);
  return part.type === "tool-city" ? h("code", { key: at }, JSON.stringify(part.output)) : null;
}

const CITY_TOOL = { type: "function", function: { name: "city", parameters: { type: "object" } } };

createRoot(document.body).render(h(Page));
