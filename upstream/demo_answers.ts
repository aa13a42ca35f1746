/**
 * What the demo provider answers: scripted answers to the questions that our pages suggest and to requests for one kind of
 * content; to everything else, what it is and how to connect a model. Pure.
 * @module
 */
import type { Citation } from "../protocol/chat_event.ts";

/** How this server was started, for the instructions in the demo's answers. */
export interface DemoContext {
  /** The command: `deno task dev`. */
  readonly command: string;
  /** The server's address, without a path. */
  readonly origin: string;
}

/** A scripted answer. */
export interface DemoAnswer {
  readonly reasoning?: string;
  readonly text: string;
  readonly citations?: readonly Citation[];
  /** The answer calls the first tool that the request offers, and says this where it offers none. */
  readonly withoutTool?: string;
}

/** A question that matches gets the answer. */
type Script = readonly [question: RegExp, answer: DemoAnswer];

const CODE = `\`\`\`ts
const response = await fetch("/api/chat", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ messages: [{ role: "user", content: "Hi" }] }),
});
for await (const text of response.body!.pipeThrough(new TextDecoderStream())) console.log(text);
\`\`\``;

const EVENTS = `\`\`\`
id: 1
event: text
data: "Hello"

id: 2
event: stop
data: "stop"
\`\`\``;

const SCRIPTS: readonly Script[] = [
  [/what can you do/i, {
    reasoning: "The visitor asks what the demo can do. I list what is worth trying.",
    text: `I am the **demo** of this chat: a script, not a model. I can show you what an answer looks like. Ask me for

- **Markdown**, **code**, a **table**, a **formula** or a **list**
- a **source** for a claim, or a call of a **tool** of the page
- a haiku about streams, or an explanation of server-sent events

Stop me while I write, edit your question, or retry an answer: all of that is real.`,
  }],
  [/haiku/i, {
    text: `Words arrive like rain,\neach drop an event with name –\none stop, and silence.`.replaceAll("\n", "  \n"),
  }],
  [/server-sent|\bsse\b|event stream/i, {
    reasoning: "An explanation with an example: the wire of this very server is the best one.",
    text:
      `**Server-sent events** are a stream of small messages over one HTTP response. The server keeps the response open and
writes a message whenever it has something to tell:

${EVENTS}

- \`id\` numbers the messages. A client that lost the connection asks for those after the last one it has.
- \`event\` names what happened.
- \`data\` is the content; here, JSON on one line.

A blank line ends each message. That is the whole format, and every browser reads it.`,
    citations: [{
      title: "Server-sent events, HTML standard",
      url: "https://html.spec.whatwg.org/multipage/server-sent-events.html",
    }],
  }],
  [/charge|electric|e-?car/i, {
    text:
      "Yes. Deck 3 has **twelve charging points** (Type 2, 11 kW). They cost 0.45 per kWh; ask a steward when you board. " +
      "\n\n*This is the demo's script: there is no such ferry.*",
  }],
  [/quay|check-?in|when do i have to/i, {
    text:
      "Check-in closes **25 minutes** before departure. With a camper van or a trailer come 40 minutes before: those lanes " +
      "board first.\n\n*This is the demo's script: there is no such ferry.*",
  }],
  [/\bdogs?\b|\bpets?\b/i, {
    text:
      "Dogs are welcome on the outer decks and in the **pet lounge** on deck 5, on a lead. Guide dogs go everywhere. " +
      "\n\n*This is the demo's script: there is no such ferry.*",
  }],
];

/** The kinds of content. A question that names several gets all of them. */
const SAMPLES: readonly Script[] = [
  [/\bmarkdown\b/i, {
    text: `### Markdown

An answer may have **bold**, *italic* and ~~struck~~ text, \`code\`, [links](https://commonmark.org) and

> quotations

- [x] lists with tasks
- [ ] and footnotes[^1]

[^1]: They stand at the end.`,
  }],
  [/\bcode\b|typescript|javascript|program/i, {
    text: `This asks the server that you are talking to, and prints what comes:\n\n${CODE}`,
  }],
  [/\btable\b/i, {
    text: `| Event | Data | When |
| --- | --- | --- |
| \`text\` | a string | for each part of the answer |
| \`reasoning\` | a string | before it, from models that reason |
| \`usage\` | token counts | once, near the end |
| \`stop\` | the reason | last |`,
  }],
  [/\bmath|formula|equation|latex/i, {
    text:
      "The sum of the first $n$ numbers:\n\n$$\n\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}\n$$\n\nFor $n = 100$ it is 5050.",
  }],
  [/\blists?\b/i, { text: "1. Ask\n2. Read while it streams\n   - stop it\n   - or let it finish\n3. Ask again" }],
  [/source|citation|cite|search/i, {
    text: "Server-sent events are part of the HTML standard [1], and MDN describes how to use them [2].",
    citations: [
      {
        title: "Server-sent events, HTML standard",
        url: "https://html.spec.whatwg.org/multipage/server-sent-events.html",
      },
      { title: "Using server-sent events, MDN", url: "https://developer.mozilla.org/docs/Web/API/Server-sent_events" },
    ],
  }],
  [/\btools?\b/i, {
    text: "",
    withoutTool: "The page offers me no tool. A page adds some with the element's `tools` property.",
  }],
];

/** The answer to a question. */
export function demoAnswerTo(question: string, context: DemoContext): DemoAnswer {
  const script = SCRIPTS.find(([pattern]) => pattern.test(question));
  if (script !== undefined) return script[1];
  const samples = SAMPLES.flatMap(([pattern, sample]) => pattern.test(question) ? [sample] : []);
  return samples.length === 0 ? introduction(context) : joined(samples);
}

function joined(samples: readonly DemoAnswer[]): DemoAnswer {
  const { withoutTool } = samples.find(({ withoutTool }) => withoutTool !== undefined) ?? {};
  const citations = samples.flatMap(({ citations = [] }) => citations);
  return {
    text: samples.flatMap(({ text }) => text === "" ? [] : [text]).join("\n\n"),
    ...(citations.length > 0 && { citations }),
    ...(withoutTool !== undefined && { withoutTool }),
  };
}

/** The answer after a tool has run. */
export function demoAnswerToTool(result: string): DemoAnswer {
  return { text: `The tool answered:\n\n> ${result.slice(0, 500).replaceAll("\n", "\n> ")}` };
}

function introduction({ command, origin }: DemoContext): DemoAnswer {
  return {
    reasoning:
      "The visitor is talking to a server without an API key. I should say so first, and explain how to connect " +
      "a real model.",
    text: `## This is the demo

No model is behind this answer: the server was started **without an API key**, so a small built-in provider replies with
a script. Everything else is real. Ask “What can you do?” to see more of it.

### Connect a model

Stop the server, and start it again with a key:

\`\`\`sh
OPENAI_API_KEY=sk-… ${command}
\`\`\`

Any OpenAI-compatible server works too, such as Ollama on your own machine:

\`\`\`sh
OPENAI_BASE_URL=http://localhost:11434/v1 CHAT_MODEL=llama3.2 ${command}
\`\`\`

### Put it into any page

\`\`\`html
<script type="module" src="${origin}/chat-stream.js"></script>
<chat-stream></chat-stream>
\`\`\`
`,
  };
}
