/** Checks a page and a client that were written by hand against the generated types. */
import { assertEquals } from "@std/assert";
import { generateTypes } from "../../tools/types.ts";

/** Uses every member, every event and both fields that the server adds to an answer. */
const PAGE = `
import type {
  BeforeSend, ChatAnswer, ChatRenderers, ChatState, ChatStreamElement, ChatTool, ContentPart, MessageAction, Suggestions,
} from "./chat-stream.d.ts";

const chat: ChatStreamElement = document.createElement("chat-stream");
const tool: ChatTool = { name: "add", title: "Add to basket", confirm: true, run: async ({ sku }, signal) => [sku, signal.aborted] };
Object.assign(chat, { tools: [tool] });
chat.endpoint = "https://chat.example/api/chat";
chat.mode = "launcher";
chat.theme = "dark";
chat.starters = ["Hi"];
chat.persist = "session";
chat.strings = { send: "Go", failedCut: "Cut", loadFailed: "Offline" };
chat.getToken = async () => "token";
chat.request = { temperature: 0.5, response_format: { type: "json_object" } };
const status: "idle" | "waiting" | "streaming" | "reconnecting" | "done" | "failed" = chat.status;
chat.resumable = "off";
chat.assistantName = chat.userName = chat.assistantAvatar = chat.userAvatar = "/face.svg";
chat.timestamps = chat.showUsage = chat.models = chat.feedback = true;
const suggestions: Suggestions = async ({ entries }) => [String(entries.length)];
chat.suggestions = suggestions;
chat.suggestions = ["More?"];
const renderers: ChatRenderers = {
  code: { mermaid: (source, { complete }) => complete ? document.createTextNode(source) : undefined },
  tools: { add: (call, result) => document.createTextNode(call.id + (result?.status === "done")) },
  message: (entry) => entry.type === "answer" && entry.feedback?.rating === "up" ? document.createElement("p") : undefined,
};
chat.renderers = renderers;
const share: MessageAction = { id: "share", label: "Share", icon: "M4 4h16", onAction: ({ createdAt }) => createdAt };
chat.messageActions = [share];
const check: BeforeSend = (content, signal) => signal.aborted ? { refuse: "Too late" } : content;
chat.beforeSend = check;
chat.beforeSend = async () => {};
const state: ChatState = chat.toJSON();
chat.load(state);
await chat.send([{ type: "text", text: "Look" }, { type: "image_url", image_url: { url: "data:," } }]);
await chat.regenerate();
await chat.continue();
await chat.edit(1, "Again");
const text: string = await chat.export("markdown");
await chat.open();
await chat.close();
chat.teaser = "Questions?";
chat.teaserDelay = 10;
await chat.showTeaser("Questions?");
chat.focus({ preventScroll: true });
chat.stop();
chat.clear();

chat.addEventListener("chat-send", ({ content }) => content.length);
chat.addEventListener("chat-delta", ({ text }) => text.trim());
chat.addEventListener("chat-error", ({ error, answer }) => [error.body?.reason, answer.text, error.type === "ServerBusy"]);
chat.addEventListener("chat-reconnecting", ({ reconnecting }) => reconnecting === true);
chat.addEventListener("chat-tool-call", ({ call }) => JSON.parse(call.function.arguments));
chat.addEventListener("chat-feedback", ({ id, rating, comment, text }) => [id.toFixed(), rating === "down", comment, text]);
chat.addEventListener("chat-clear", (event) => event.preventDefault());
chat.addEventListener("chat-toggle", ({ open }) => open === true);
document.addEventListener("chat-stop", ({ answer, stopped }) => {
  const whole: ChatAnswer = answer;
  return [stopped, whole.grounding?.citations[0]?.url, whole.speed?.ttft, whole.usage?.inputCachedTokens];
});

const file: ContentPart = { type: "file", file: { file_data: "data:,", filename: "a.txt" } };
// @ts-expect-error The server refuses files by their id.
const byId: ContentPart = { type: "file", file: { file_id: "file-1" } };
// @ts-expect-error A status is read only.
chat.status = "done";
// @ts-expect-error Only three modes exist.
chat.mode = "popup";
// @ts-expect-error Internals of the element are not part of its type.
chat.sessionConfig;
console.log(status, text, file, byId);
`;

/** Uses every export of the client. */
const CLIENT = `
import { EMPTY_ANSWER, readChatEvents, reduceChatAnswer, resumeChat, stopChat, streamChat } from "./chat-client.js";
import type { ChatAnswer, ChatErrorData, ChatErrorType, ChatEvent, ChatMessage, ChatRequest, PendingRun, StreamChatOptions } from "./chat-client.js";

let answer: ChatAnswer = EMPTY_ANSWER;
const onEvent = (event: ChatEvent) => {
  answer = reduceChatAnswer(answer, event);
  if (event.type === "grounding") console.log(event.data.searchQueries);
  if (event.type === "speed") console.log(event.data.latency);
};
const messages: ChatMessage[] = [{ role: "user", content: "Hi" }];
const request: Omit<ChatRequest, "stream"> = { messages, model: "small" };
const options: StreamChatOptions = { endpoint: "/api/chat", request, onEvent, signal: AbortSignal.timeout(1000) };
await streamChat(options);
await streamChat({ ...options, resumable: true, key: "k", onRun: (url) => url.trim(), onReconnecting: (is) => !is });
await resumeChat({ url: "/api/chat/1", after: 3, onEvent: (event, id) => console.log(event.type, id + 1) });
const pending: PendingRun = { endpoint: "/api/chat", key: "k" };
await stopChat(pending, { headers: { authorization: "Bearer x" } });
const { body } = await fetch("/api/chat");
if (body) await readChatEvents(body, onEvent);
const error: ChatErrorData = { type: "ServerBusy" satisfies ChatErrorType, message: "Busy" };
// @ts-expect-error The client has no such function.
import { sendChat } from "./chat-client.js";
console.log(error, sendChat);
`;

Deno.test("generateTypes writes types that a page and a client check against", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await generateTypes(new URL(`file://${folder}/`));
    const types = await Deno.readTextFile(`${folder}/chat-client.d.ts`);
    assertEquals(/@example|^import /m.exec(types)?.[0], undefined);
    const options = { lib: ["dom", "dom.iterable", "esnext"], exactOptionalPropertyTypes: true };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ compilerOptions: options }));
    await Deno.writeTextFile(`${folder}/chat-client.js`, "");
    await Deno.writeTextFile(`${folder}/page.ts`, PAGE);
    const client = CLIENT.replaceAll(/^(import .*)$/gm, '// @ts-types="./chat-client.d.ts"\n$1');
    await Deno.writeTextFile(`${folder}/client.ts`, client);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "page.ts", "client.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
