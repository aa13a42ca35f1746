/**
 * The demo provider, used when no key is set: a `fetch` that speaks OpenAI's wire format. The same SDK client uses it,
 * so that all the code of a real request runs. Its answer says that it is a demo.
 * @module
 */

/** The interval between two chunks of the demo, in milliseconds: about the pace of a quick reader. */
export const DEMO_PACE_MS = 28;

const REASONING =
  "The visitor is talking to a server without an API key. I should say so first, show what an answer looks " +
  "like here, and explain how to connect a real model.";

const ANSWER = `## This is the demo

No model is behind this answer: the server was started **without an API key**, so a small built-in provider replies with
this text. Everything else is real: your message went through validation, the OpenAI SDK, the event stream and this
component.

### Connect a model

1. Stop the server.
2. Set a key, in the environment or in a file named \`.env\`:

\`\`\`sh
OPENAI_API_KEY=your-key        # or ANTHROPIC_API_KEY, or GEMINI_API_KEY
\`\`\`

3. Start it again with \`deno task dev\`.

Any OpenAI-compatible server works too. For a model on your own machine:

\`\`\`sh
# Ollama, vLLM, LM Studio, llama.cpp …
OPENAI_BASE_URL=http://localhost:11434/v1
CHAT_MODEL=llama3.2
\`\`\`

### What you are looking at

| Part | What it does |
| --- | --- |
| \`POST /api/chat\` | takes the conversation, responds with typed events |
| \`<chat-stream>\` | sends, renders and remembers it |
| your key | stays on the server |

### Put it into any page

\`\`\`html
<script type="module" src="http://localhost:3001/chat-stream.js"></script>
<chat-stream></chat-stream>
\`\`\`

Try **Stop** while this is being written, or ask something else.
`;

/** How the demo behaves. */
export interface DemoOptions {
  /** Milliseconds between two chunks; 0 for tests. */
  readonly paceMs?: number;
}

/** A `fetch` that responds to every request with a streamed chat completion of the demo's text. */
export function createDemoFetch({ paceMs = DEMO_PACE_MS }: DemoOptions = {}): typeof fetch {
  return (_input, init) => {
    const request = JSON.parse(String(init?.body)) as { model: string; messages: readonly { content: unknown }[] };
    const body = streamCompletion(chunksOf(request), paceMs, init?.signal ?? undefined);
    return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
  };
}

/** The data of the stream's messages, as a provider would send them. */
function chunksOf({ model, messages }: { model: string; messages: readonly { content: unknown }[] }): string[] {
  const reasoning = tokensOf(REASONING);
  const answer = tokensOf(ANSWER);
  const base = {
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model,
  };
  const choice = (delta: object, finish_reason: string | null = null) =>
    JSON.stringify({ ...base, choices: [{ index: 0, delta, finish_reason }] });
  // One chunk counts as one token.
  const prompt_tokens = messages.reduce((sum, { content }) => sum + tokensOf(String(content)).length, 0);
  const completion_tokens = reasoning.length + answer.length;
  const usage = {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    completion_tokens_details: { reasoning_tokens: reasoning.length },
  };
  return [
    choice({ role: "assistant", content: "" }),
    ...reasoning.map((token) => choice({ reasoning_content: token })),
    ...answer.map((token) => choice({ content: token })),
    choice({}, "stop"),
    JSON.stringify({ ...base, choices: [], usage }),
    "[DONE]",
  ];
}

/** Splits text into words with their spaces, about as a tokenizer does. */
function tokensOf(text: string): string[] {
  return text.match(/\s*\S+\s*/g) ?? [];
}

function streamCompletion(chunks: readonly string[], paceMs: number, signal?: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  let stopWaiting = () => {};
  return new ReadableStream({
    // A byte stream, as the bodies of `fetch` are: the reader provides the buffer.
    type: "bytes",
    start(controller) {
      signal?.addEventListener("abort", () => {
        stopWaiting();
        controller.error(signal.reason);
      }, { once: true });
    },
    async pull(controller) {
      if (paceMs > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, paceMs);
          stopWaiting = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (signal?.aborted) return;
      const chunk = chunks[next++];
      if (chunk !== undefined) return controller.enqueue(encoder.encode(`data: ${chunk}\n\n`));
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: () => stopWaiting(),
  });
}
