import { assertEquals } from "@std/assert";
import { exportChat } from "../../../components/chat/chat_export.ts";
import { EMPTY_CHAT, reduceChat } from "../../../components/chat/chat_state.ts";
import { fileText } from "../../../components/chat/question_content.ts";
import { ATTACHMENT_ENGLISH } from "../../../components/locales/attachment_strings.ts";
import type { ChatStrings } from "../../../components/locales/chat_strings.ts";
import { CORE_ENGLISH } from "../../../components/locales/core_strings.ts";
import { OCCASIONAL_ENGLISH } from "../../../components/locales/occasional_strings.ts";
import type { ChatEvent } from "../../../protocol/chat_event.ts";

const STATE = ([
  { type: "question", content: [{ type: "text", text: "Two?" }], parent: undefined },
  { type: "event", id: 2, event: { type: "text", data: "**Two.**" } },
  { type: "event", id: 2, event: { type: "stop", data: "stop" } },
] as const).reduce(reduceChat, EMPTY_CHAT);

Deno.test("exportChat writes each message under its author as Markdown", () => {
  assertEquals(
    exportChat(STATE, "markdown", CORE_ENGLISH as ChatStrings),
    "## You\n\nTwo?\n\n## Assistant\n\n**Two.**\n",
  );
});

Deno.test("exportChat names the attachments in Markdown", () => {
  const content = [
    { type: "text", text: "See" },
    { type: "text", text: fileText("notes.txt", "Words") },
    { type: "file", file: { filename: "report.pdf", file_data: "data:application/pdf;base64,AAAA" } },
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
  ] as const;
  const state = reduceChat(EMPTY_CHAT, { type: "question", content, parent: undefined });
  assertEquals(
    exportChat(state, "markdown", { ...CORE_ENGLISH, ...ATTACHMENT_ENGLISH } as ChatStrings),
    "## You\n\nSee\n\n- notes.txt\n- report.pdf\n- Attached image\n\n## Assistant\n\n\n",
  );
});

Deno.test("exportChat names the images of an answer in Markdown, by number where there are several", () => {
  const image = { type: "base64_image", data: "data:image/png;base64,AAAA" } as const;
  const strings = { ...CORE_ENGLISH, ...OCCASIONAL_ENGLISH } as ChatStrings;
  const question = reduceChat(EMPTY_CHAT, { type: "question", content: "Two?", parent: undefined });
  const exportWith = (...images: readonly ChatEvent[]) => {
    const events: readonly ChatEvent[] = [{ type: "text", data: "**Two.**" }, ...images];
    const state = events.reduce((state, event) => reduceChat(state, { type: "event", id: 2, event }), question);
    return exportChat(state, "markdown", strings).split("## Assistant")[1];
  };
  assertEquals(exportWith(image), "\n\n**Two.**\n\n- Image from the assistant\n");
  assertEquals(
    exportWith(image, image),
    "\n\n**Two.**\n\n- Image from the assistant 1\n- Image from the assistant 2\n",
  );
});

Deno.test("exportChat writes the messages as the JSON of a request", () => {
  assertEquals(JSON.parse(exportChat(STATE, "json", CORE_ENGLISH as ChatStrings)), {
    messages: [{ role: "user", content: [{ type: "text", text: "Two?" }] }, { role: "assistant", content: "**Two.**" }],
  });
});

const CITED_ANSWER = ([
  { type: "question", content: "Two?", parent: undefined },
  { type: "event", id: 2, event: { type: "text", data: "Two [1]." } },
  {
    type: "event",
    id: 2,
    event: {
      type: "grounding",
      data: { citations: [{ title: "A [b]", url: "https://a.example/x y" }, { url: "javascript:alert(1)" }] },
    },
  },
  { type: "event", id: 2, event: { type: "stop", data: "stop" } },
] as const).reduce(reduceChat, EMPTY_CHAT);

Deno.test("exportChat lists the sources of an answer as Markdown, with links to the web only", () => {
  const strings = { ...CORE_ENGLISH, sources: "Sources" } as ChatStrings;
  assertEquals(
    exportChat(CITED_ANSWER, "markdown", strings).split("## Assistant")[1],
    "\n\nTwo [1].\n\nSources:\n\n1. [A \\[b\\]](<https://a.example/x%20y>)\n2. javascript:alert(1)\n",
  );
});

Deno.test("exportChat writes the sources beside the messages as JSON", () => {
  const { messages, sources } = JSON.parse(exportChat(CITED_ANSWER, "json", CORE_ENGLISH as ChatStrings));
  assertEquals(messages.length, 2);
  assertEquals(sources, [{
    answer: "Two [1].",
    citations: [{ title: "A [b]", url: "https://a.example/x y" }, { url: "javascript:alert(1)" }],
  }]);
});
