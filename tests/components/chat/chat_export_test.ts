import { assertEquals } from "@std/assert";
import { exportChat } from "../../../components/chat/chat_export.ts";
import { EMPTY_CHAT, reduceChat } from "../../../components/chat/chat_state.ts";
import { type ChatStrings, ENGLISH } from "../../../components/locales/strings.ts";

const STATE = ([
  { type: "ask", content: [{ type: "text", text: "Two?" }], parent: undefined },
  { type: "event", id: 2, event: { type: "text", data: "**Two.**" } },
  { type: "event", id: 2, event: { type: "stop", data: "stop" } },
] as const).reduce(reduceChat, EMPTY_CHAT);

Deno.test("exportChat writes who said what as Markdown", () => {
  assertEquals(exportChat(STATE, "markdown", ENGLISH as ChatStrings), "## You\n\nTwo?\n\n## Assistant\n\n**Two.**\n");
});

Deno.test("exportChat writes the messages as the JSON that the server takes", () => {
  assertEquals(JSON.parse(exportChat(STATE, "json", ENGLISH as ChatStrings)), {
    messages: [{ role: "user", content: [{ type: "text", text: "Two?" }] }, { role: "assistant", content: "**Two.**" }],
  });
});
