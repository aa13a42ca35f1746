/**
 * The texts of the Markdown tests: an answer as chat models write them, with every kind of block, and hostile texts.
 * @module
 */

/** About 3,000 characters. */
export const SAMPLE = `# Moving a service to streaming

Streaming sends each **token** as soon as it exists, so a reader sees the first words after *half a second* instead of
twenty. Three things change: the \`Content-Type\`, the way errors travel, and ~~nothing else~~ how you measure.

## What you need

1. A server that can hold a connection open
2. A client that reads **while** it writes:
   - \`fetch\` with a reader, see [the guide](https://docs.example/streams/reading?from=answer#start)
   - an \`EventSource\`, if \`GET\` is enough
3. A proxy that does not buffer

> **Note:** a cut answer must never look finished.
>
> Send a last event, and say so when it does not come.

### The server

\`\`\`ts
/** Answers with one event a word. */
export function handle(request: Request): Response {
  const words = "one two three".split(" ");
  const body = ReadableStream.from(words).pipeThrough(
    new TransformStream({ transform: (word, out) => out.enqueue(\`data: \${word}\\n\\n\`) }),
  );
  return new Response(body, { headers: { "content-type": "text/event-stream" } }); // 200
}
\`\`\`

### The costs

| Part | Bytes | Share |
|:-----|------:|:-----:|
| Parser | 1,024 | 12 % |
| Renderer with \`pipes \\| in code\` | 6,200 | 71 % |
| The *rest* | 1,500 | 17 % |

- [x] Parse events at any split
- [ ] Resume after a drop
- [ ] Measure with __real__ networks

---

Some text is not English: \u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd, \u4f60\u597d, \ud83d\udc4b\ud83c\udffd. Some has entities: 5 &lt; 7 &amp; 9 &gt; 8, &copy; 2026. Some looks like
markup and is not: 2 * 3 * 4, snake_case_name, a[i], AT&T, C:\\dir, <b>raw</b> and 50% of "quotes".

\u05db\u05d5\u05ea\u05e8\u05ea \u05d1\u05e2\u05d1\u05e8\u05d9\u05ea \u05e2\u05dd **\u05d4\u05d3\u05d2\u05e9\u05d4** \u05d5-\`code\`.

The pause is $t_1 - t_0$, and the price is $5 or $10. On average it is

$$
\\bar{t} = \\frac{1}{n} \\sum_{i=1}^{n} t_i
- t_0
$$

* A loose list

  with two paragraphs
* and code:

  \`\`\`sh
  curl -N https://api.example/chat
  \`\`\`

![A diagram](https://images.example/flow.png "Flow") shows the way. More is in [the standard][sse] and at
https://html.example/spec, or write to <mail@example.com>.

Setext heading
--------------

Last words, with a hard break\\
and an end.

[sse]: https://html.example/sse "Server-sent events"
`;

/** Texts that make a careless parser slow, by name. Their length grows in proportion to `scale`. */
export const HOSTILE_TEXTS: readonly (readonly [name: string, make: (scale: number) => string])[] = [
  ["a line of nested quotes", (n) => `${">".repeat(n)} a`],
  ["a line of nested lists", (n) => `${"- ".repeat(n)} a`],
  ["emphasis that never closes", (n) => "*a **a ".repeat(n)],
  ["emphasis that closes far away", (n) => "*a ".repeat(n) + "a* ".repeat(n)],
  ["links that never end", (n) => "[a](b".repeat(n)],
  [
    "backticks of every length",
    (n) => Array.from({ length: Math.sqrt(n * 5) }, (_, i) => "e" + "`".repeat(i)).join(""),
  ],
  ["a table of many columns", (n) => `|${" a |".repeat(n)}\n|${"-|".repeat(n)}\n${"|\n".repeat(n)}`],
];

/** Cuts a text into chunks of 1 to `maxChars` characters. The same seed gives the same chunks. */
export function cutRandomly(text: string, seed: number, maxChars: number): string[] {
  const chunks: string[] = [];
  for (let at = 0, state = seed; at < text.length;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const length = 1 + (state >> 8) % maxChars;
    chunks.push(text.slice(at, at + length));
    at += length;
  }
  return chunks;
}
