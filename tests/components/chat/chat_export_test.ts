import { assertEquals } from "@std/assert";
import { exportChat } from "../../../components/chat/chat_export.ts";
import { EMPTY_CHAT, reduceChat } from "../../../components/chat/chat_state.ts";
import type { ChatStrings } from "../../../components/locales/chat_strings.ts";
import { CORE_ENGLISH } from "../../../components/locales/core_strings.ts";

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

Deno.test("exportChat writes the messages as the JSON of a request", () => {
  assertEquals(JSON.parse(exportChat(STATE, "json", CORE_ENGLISH as ChatStrings)), {
    messages: [{ role: "user", content: [{ type: "text", text: "Two?" }] }, { role: "assistant", content: "**Two.**" }],
  });
});
