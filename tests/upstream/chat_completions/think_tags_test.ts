/** `<think>` at the start of content, in chunks that are cut anywhere. */
import { assert, assertEquals } from "@std/assert";
import { ThinkTags } from "../../../upstream/chat_completions/think_tags.ts";

interface Split {
  readonly reasoning: string;
  readonly text: string;
}

/** Splits content that arrives in these chunks. */
function split(chunks: readonly string[]): Split {
  const output = { reasoning: "", text: "" };
  const sink = {
    reasoning: (text: string) => {
      assert(text !== "");
      output.reasoning += text;
    },
    text: (text: string) => {
      assert(text !== "");
      output.text += text;
    },
  };
  const tags = new ThinkTags();
  for (const chunk of chunks) tags.push(chunk, sink);
  tags.flush(sink);
  return output;
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
  Deno.test(`ThinkTags splits ${JSON.stringify(content)}, however it is cut`, () => {
    assertEquals(split([content]), { reasoning, text });
    assertEquals(split(content.split("")), { reasoning, text });
    for (let at = 0; at <= content.length; at++) {
      for (let next = at; next <= content.length; next++) {
        const chunks = [content.slice(0, at), content.slice(at, next), content.slice(next)].filter((chunk) =>
          chunk !== ""
        );
        assertEquals(split(chunks), { reasoning, text }, chunks.join(" | "));
      }
    }
  });
}

Deno.test("ThinkTags holds back at most the characters that may become a tag", () => {
  const tags = new ThinkTags();
  let sent = 0;
  let output = 0;
  const sink = { reasoning: (text: string) => output += text.length, text: (text: string) => output += text.length };
  for (const character of "<think>a</thin</thi</think") {
    tags.push(character, sink);
    sent++;
    assert(sent - output <= "<think>".length + "</think".length);
  }
  assertEquals(sent - output, "<think>".length + "</think".length);
});

Deno.test("ThinkTags releases held text when it cannot become a tag", () => {
  const output: string[] = [];
  const sink = { reasoning: (text: string) => void output.push(text), text: (text: string) => void output.push(text) };
  const tags = new ThinkTags();
  tags.push("<think>why", sink);
  tags.push(" not</thi", sink);
  tags.push("s", sink);
  assertEquals(output, ["why", " not", "</this"]);
});

Deno.test("ThinkTags still finds a tag after a flush without held text", () => {
  const output = { reasoning: "", text: "" };
  const sink = {
    reasoning: (text: string) => void (output.reasoning += text),
    text: (text: string) => void (output.text += text),
  };
  const tags = new ThinkTags();
  tags.flush(sink);
  tags.push("<think>a</think>b", sink);
  assertEquals(output, { reasoning: "a", text: "b" });
});

Deno.test("ThinkTags is done when no tag can follow", () => {
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

Deno.test("ThinkTags finds no tag when its beginning was flushed as text", () => {
  const output = { reasoning: "", text: "" };
  const sink = {
    reasoning: (text: string) => void (output.reasoning += text),
    text: (text: string) => void (output.text += text),
  };
  const tags = new ThinkTags();
  tags.push("<th", sink);
  tags.flush(sink);
  assertEquals(output, { reasoning: "", text: "<th" });
  tags.push("ink>no", sink);
  tags.flush(sink);
  assertEquals(output, { reasoning: "", text: "<think>no" });
});
