/**
 * Fills the gallery: one element for each state and theme, from fixed data.
 * @module
 */

const RICH = `A stream is a **sequence of chunks** that arrive over time. You read them as they come, and \`cancel()\`
when you have seen enough.

## Three kinds

1. *Readable*: you take chunks out.
2. *Writable*: you put chunks in.
3. *Transform*: both, with a change in between.

| Kind | You call | It ends with |
|---|---|---:|
| Readable | \`read()\` | \`done\` |
| Writable | \`write()\` | \`close()\` |

\`\`\`ts
for (const piece of ["Hel", "lo"]) {
  controller.enqueue(encoder.encode(piece)); // as it comes
}
\`\`\`

> Backpressure is how a slow reader says: not so fast.

More in the [standard](https://streams.spec.whatwg.org/).`;

const NOTED = `The sum of the first $n$ numbers is quickly found.[1][2]

$$
\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}
$$

For $n = 100$ it is 5050.[^1]

[^1]: A teacher once asked for it to have some *peace*.`;

const USAGE = { totalInputTokens: 18, totalOutputTokens: 164, totalTokens: 182 };
const CALL = {
  id: "call-1",
  type: "function",
  function: { name: "get_weather", arguments: '{"city":"Bergen","days":2}' },
};

const question = (content, id = 1, parent = undefined) => ({ type: "question", id, parent, content });
const answer = (status, text, more = {}, { id = 2, parent = 1, results } = {}) => ({
  type: "answer",
  id,
  parent,
  status,
  answer: { text, ...more },
  ...(results && { results }),
});
const chat = (...entries) => ({ entries, leaf: entries.at(-1)?.id, nextId: 100 });

const CONVERSATION = chat(
  question("What is a stream?"),
  answer("done", RICH, { usage: USAGE, stop: "stop", reasoning: "Say what it is, then the kinds." }),
);

/** The page has no server: these answers begin and never end. The endpoint of an element names one of them. */
const RUNNING = {
  waiting: [],
  thinking: [{ type: "reasoning", data: "The visitor asks about streams." }],
  streaming: [{ type: "text", data: RICH.slice(0, 320) }],
  asking: [
    { type: "text", data: "Let me look." },
    { type: "tool_calls", data: [{ index: 0, ...CALL }] },
    { type: "stop", data: "tool_calls" },
  ],
};
const fetchFromServer = globalThis.fetch;
globalThis.fetch = (url, init) => {
  const events = RUNNING[new URL(url, location.href).searchParams.get("running")];
  if (!events) return fetchFromServer(url, init);
  const lines = events.map(({ type, data }, i) => `id: ${i + 1}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  const bytes = new TextEncoder().encode(lines.join(""));
  const body = new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
  return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
};
const running = (name) => ({ endpoint: `/api/chat?running=${name}`, resumable: "off" });
const TOOL = { name: "get_weather", title: "Get the weather", confirm: true, run: () => "rain" };

/** Caption, attributes, conversation or question. */
const STATES = [
  ["Empty", { heading: "Ask the library", starters: ["Opening hours?", "How do I renew a book?"] }],
  ["Waiting for the first word", running("waiting"), "What is a stream?"],
  ["Thinking", running("thinking"), "What is a stream?"],
  ["Streaming", running("streaming"), "What is a stream?"],
  ["Done", {}, CONVERSATION],
  [
    "Formulas, sources and notes",
    {},
    chat(
      question("What is the sum of the first numbers?"),
      answer("done", NOTED, {
        stop: "stop",
        grounding: {
          citations: [
            { title: "Triangular number", url: "https://encyclopedia.example/triangular" },
            { title: "Sums for schools", url: "https://school.example/sums" },
          ],
        },
      }),
    ),
  ],
  [
    "Stopped by the visitor",
    {},
    chat(question("Count to a hundred."), answer("stopped", "One, two, three, four, five,")),
  ],
  [
    "Ended at the length limit",
    {},
    chat(question("Tell me everything."), answer("done", "In the beginning there was a buffer,", { stop: "length" })),
  ],
  [
    "Cut off",
    {},
    chat(
      question("Tell me a story."),
      answer("failed", "Once upon a time there was a stream that never", {
        error: { type: "StreamChunkError", message: "Cut", body: { reason: "unexpected_end" } },
      }),
    ),
  ],
  [
    "Refused for a while",
    {},
    chat(
      question("And now?"),
      {
        ...answer("failed", "", {
          error: { type: "RateLimitExceeded", message: "Too many requests", body: { retryAfterSeconds: 2700 } },
        }),
        endedAt: Date.now(),
      },
    ),
  ],
  ["Tool asks", { ...running("asking"), tools: [TOOL] }, "Do I need an umbrella in Bergen?"],
  [
    "Tool done",
    {},
    chat(
      question("Do I need an umbrella in Bergen?"),
      answer("done", "Let me look.", { tool_calls: [CALL] }, {
        results: { "call-1": { status: "done", content: '{"weather":"rain"}' } },
      }),
      answer("done", "Yes. It is Bergen.", { usage: USAGE }, { id: 3, parent: 2 }),
    ),
  ],
  [
    "Versions",
    {},
    chat(
      question("A name for a ferry?"),
      answer("done", "*Gull*.", {}, { id: 2 }),
      answer("done", "*Northern Patience*.", {}, { id: 3 }),
    ),
  ],
  [
    "Attachments",
    { attachments: true, placeholder: "Ask about a picture" },
    chat(
      question([
        { type: "text", text: "Which ferry do I take?" },
        { type: "image_url", image_url: { url: "https://files.example/harbour.jpg" } },
        {
          type: "file",
          file: { filename: "timetable.pdf", file_data: `data:application/pdf;base64,${"A".repeat(9e5)}` },
        },
        { type: "text", text: "notes.md:\n```\nWe are two adults and a dog.\n```" },
      ]),
      answer("done", "The one at 08:40."),
    ),
  ],
  [
    "Names and times",
    {
      assistantName: "Skerry",
      userName: "You",
      assistantAvatar: "/favicon.svg",
      timestamps: true,
      showUsage: true,
      models: true,
    },
    chat(
      { ...question("When does the last ferry leave?"), createdAt: Date.now() - 90_000 },
      { ...answer("done", "The last one leaves at **22:40**.", { usage: USAGE }), createdAt: Date.now() - 88_000 },
    ),
  ],
  [
    "Feedback and suggestions",
    { feedback: true, suggestions: ["And on Sundays?", "May I bring a bicycle?", "What does it cost?"] },
    chat(
      question("When does the last ferry leave?"),
      { ...answer("done", "The last one leaves at **22:40**."), feedback: { rating: "up" } },
    ),
  ],
  [
    "Views and actions of the page",
    {
      renderers: { code: { bars: renderBars }, tools: { get_weather: renderWeather } },
      messageActions: [{ id: "ticket", label: "Open a ticket", icon: "M4 8h16v8H4zM9 8v8", onAction: () => {} }],
    },
    chat(
      question("Do I need an umbrella in Bergen?"),
      answer("done", "```bars\nMon 8\nTue 5\nWed 2\n```\n\nOn Monday, yes.", { tool_calls: [CALL] }, {
        results: { "call-1": { status: "done", content: '{"weather":"rain"}' } },
      }),
    ),
  ],
];

/** A renderer for a code language: one line of text and a number for each bar. */
function renderBars(source) {
  const list = document.createElement("div");
  for (const line of source.trim().split("\n")) {
    const [label, value] = line.split(" ");
    const meter = document.createElement("meter");
    Object.assign(meter, { max: 10, value: Number(value) });
    const row = document.createElement("label");
    row.append(`${label} `, meter);
    list.append(row, document.createElement("br"));
  }
  return list;
}

/** A renderer for the calls of a tool. */
function renderWeather(call, result) {
  const { city } = JSON.parse(call.function.arguments);
  const card = document.createElement("p");
  card.textContent = result?.status === "done" ? `${city}: ${JSON.parse(result.content).weather}` : `${city} …`;
  Object.assign(card.style, { margin: "0", padding: "0.75rem 1rem" });
  return card;
}

const THEMES = [
  ["Dark", { theme: "dark" }, CONVERSATION],
  ["Plum", { theme: "light", class: "plum" }, CONVERSATION],
  ["Ink", { theme: "dark", class: "ink" }, CONVERSATION],
  ["Terminal", { theme: "dark", class: "terminal" }, CONVERSATION],
  [
    "Right to left",
    { locale: "ar", dir: "rtl" },
    chat(
      question("ما هو التدفق؟"),
      answer("done", "التدفق **سلسلة** من الأجزاء تصل مع الوقت:\n\n- تقرأها\n- أو توقفها", { usage: USAGE }),
    ),
  ],
  [
    "Japanese",
    { locale: "ja" },
    chat(question("ストリームとは？"), answer("done", "時間とともに届く**断片の列**です。", { usage: USAGE })),
  ],
];

const gallery = document.querySelector("#gallery");
await customElements.whenDefined("chat-stream");
for (const [caption, attributes, state] of [...STATES, ...THEMES]) {
  const figure = document.createElement("figure");
  const title = document.createElement("figcaption");
  title.textContent = caption;
  const element = document.createElement("chat-stream");
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element && name !== "dir") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.smoothing = "off";
  figure.append(title, element);
  gallery?.append(figure);
  if (typeof state === "string") void element.send(state);
  else if (state) element.load(state);
}
