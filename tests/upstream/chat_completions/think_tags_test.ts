/** `<think>` at the start of content, in pieces cut anywhere. */
import { assert, assertEquals } from "@std/assert";
import { ThinkTags } from "../../../upstream/chat_completions/think_tags.ts";

interface Told {
  readonly reasoning: string;
  readonly text: string;
}

/** What comes out for content in these pieces. */
function tell(pieces: readonly string[]): Told {
  const told = { reasoning: "", text: "" };
  const sink = {
    reasoning: (text: string) => {
      assert(text !== "");
      told.reasoning += text;
    },
    text: (text: string) => {
      assert(text !== "");
      told.text += text;
    },
  };
  const tags = new ThinkTags();
  for (const piece of pieces) tags.push(piece, sink);
  tags.flush(sink);
  return told;
}

const CONTENTS: readonly [content: string, reasoning: string, text: string][] = [
  ["", "", ""],
  ["plain", "", "plain"],
  ["<think>why</think>answer", "why", "answer"],
  ["<think>\nwhy\n</think>\n\nanswer", "\nwhy\n", "\n\nanswer"],
  ["<think></think>answer", "", "answer"],
  ["<think>why</think>", "why", ""],
  ["<think>never closed", "never closed", ""],
  ["<think>cut in the tag</thi", "cut in the tag</thi", ""],
  ["<think>a < b </ c </thin d <</think>e", "a < b </ c </thin d <", "e"],
  ["<think><think>a</think>b</think>c", "<think>a", "b</think>c"],
  ["<think>a</think><think>b</think>", "a", "<think>b</think>"],
  ["answer <think>no</think>", "", "answer <think>no</think>"],
  [" <think>no</think>", "", " <think>no</think>"],
  ["<thinking>no</thinking>", "", "<thinking>no</thinking>"],
  ["<THINK>no</THINK>", "", "<THINK>no</THINK>"],
  ["</think>no", "", "</think>no"],
  ["<", "", "<"],
  ["<thin", "", "<thin"],
  ["<think", "", "<think"],
  ["<think>", "", ""],
  ["<<think>no", "", "<<think>no"],
  ["<think>数え👍</think>三", "数え👍", "三"],
];

for (const [content, reasoning, text] of CONTENTS) {
  Deno.test(`ThinkTags takes ${JSON.stringify(content)} apart, however it is cut`, () => {
    assertEquals(tell([content]), { reasoning, text });
    assertEquals(tell(content.split("")), { reasoning, text });
    for (let at = 0; at <= content.length; at++) {
      for (let next = at; next <= content.length; next++) {
        const pieces = [content.slice(0, at), content.slice(at, next), content.slice(next)].filter((piece) =>
          piece !== ""
        );
        assertEquals(tell(pieces), { reasoning, text }, pieces.join(" | "));
      }
    }
  });
}

Deno.test("ThinkTags holds back no more than what may become a tag", () => {
  const tags = new ThinkTags();
  let sent = 0;
  let told = 0;
  const sink = { reasoning: (text: string) => told += text.length, text: (text: string) => told += text.length };
  for (const character of "<think>a</thin</thi</think") {
    tags.push(character, sink);
    sent++;
    assert(sent - told <= "<think>".length + "</think".length);
  }
  assertEquals(sent - told, "<think>".length + "</think".length);
});

Deno.test("ThinkTags holds back nothing that cannot become a tag", () => {
  const told: string[] = [];
  const sink = { reasoning: (text: string) => void told.push(text), text: (text: string) => void told.push(text) };
  const tags = new ThinkTags();
  tags.push("<think>why", sink);
  tags.push(" not</thi", sink);
  tags.push("s", sink);
  assertEquals(told, ["why", " not", "</this"]);
});

Deno.test("ThinkTags still finds a tag after a flush that had nothing to give", () => {
  const told = { reasoning: "", text: "" };
  const sink = {
    reasoning: (text: string) => void (told.reasoning += text),
    text: (text: string) => void (told.text += text),
  };
  const tags = new ThinkTags();
  tags.flush(sink);
  tags.push("<think>a</think>b", sink);
  assertEquals(told, { reasoning: "a", text: "b" });
});

Deno.test("ThinkTags is done once no tag can come any more", () => {
  const sink = { reasoning: () => {}, text: () => {} };
  const tags = new ThinkTags();
  assertEquals(tags.done, false);
  tags.push("<think>a", sink);
  assertEquals(tags.done, false);
  tags.push("</think>", sink);
  assertEquals(tags.done, true);
  const plain = new ThinkTags();
  plain.push("a", sink);
  assertEquals(plain.done, true);
});

Deno.test("ThinkTags takes what was flushed for text, and so the tag that follows it", () => {
  const told = { reasoning: "", text: "" };
  const sink = {
    reasoning: (text: string) => void (told.reasoning += text),
    text: (text: string) => void (told.text += text),
  };
  const tags = new ThinkTags();
  tags.push("<th", sink);
  tags.flush(sink);
  assertEquals(told, { reasoning: "", text: "<th" });
  tags.push("ink>no", sink);
  tags.flush(sink);
  assertEquals(told, { reasoning: "", text: "<think>no" });
});
