/**
 * The demo provider, used when no key is set: a `fetch` that speaks OpenAI's wire format. The same SDK client uses it,
 * so that all the code of a real request runs. Its answer says that it is a demo.
 * @module
 */

import { asList, asObject, asText } from "./chat_events/untrusted_json.ts";
import { type DemoAnswer, demoAnswerTo, demoAnswerToTool, type DemoContext } from "./demo_answers.ts";

/** The interval between two chunks of the demo, in milliseconds: about the pace of a quick reader. */
export const DEMO_PACE_MS = 28;

/** How the demo behaves. */
export interface DemoOptions {
  /** Milliseconds between two chunks; 0 for tests. */
  readonly paceMs?: number;
  /** How the server was started. Asked for each answer: the port may be known only then. */
  readonly context?: (() => DemoContext) | undefined;
}

const NO_CONTEXT: DemoContext = { command: "deno task start", origin: "http://localhost:3001" };

/** A `fetch` that responds to every request with a streamed chat completion of a scripted answer. */
export function createDemoFetch(
  { paceMs = DEMO_PACE_MS, context = () => NO_CONTEXT }: DemoOptions = {},
): typeof fetch {
  return (_input, init) => {
    const request = JSON.parse(String(init?.body)) as DemoRequest;
    const body = streamCompletion(chunksOf(request, answerTo(request, context())), paceMs, init?.signal ?? undefined);
    return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
  };
}

/** What the demo reads of a request, which our server has checked. */
interface DemoRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

function answerTo({ messages }: DemoRequest, context: DemoContext): DemoAnswer {
  const last = messages.at(-1);
  const text = textOf(last?.content);
  return last?.role === "tool" ? demoAnswerToTool(text) : demoAnswerTo(text, context);
}

/** The text of a message, without its images and files. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return asList(content).map((part) => asText(asObject<{ text: unknown }>(part)?.text) ?? "").join(" ");
}

/** The data of the stream's messages, as a provider would send them. */
function chunksOf({ model, messages, tools = [] }: DemoRequest, answer: DemoAnswer): string[] {
  const tool = answer.withoutTool === undefined ? undefined : tools[0]?.function.name;
  const reasoning = tokensOf(answer.reasoning ?? "");
  const said = [answer.text, tool === undefined && answer.withoutTool].filter(Boolean).join("\n\n");
  const text = tokensOf(said);
  const base = {
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: "chat.completion.chunk",
    created: Math.floor(Date.now() / 1000),
    model,
  };
  const choice = (delta: object, finish_reason: string | null = null) =>
    JSON.stringify({ ...base, choices: [{ index: 0, delta, finish_reason }] });
  // One chunk counts as one token.
  const prompt_tokens = messages.reduce((sum, { content }) => sum + tokensOf(textOf(content)).length, 0);
  const completion_tokens = reasoning.length + text.length;
  const usage = {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    completion_tokens_details: { reasoning_tokens: reasoning.length },
  };
  const call = { index: 0, id: `call_${crypto.randomUUID()}`, type: "function" };
  return [
    choice({ role: "assistant", content: "" }),
    ...reasoning.map((token) => choice({ reasoning_content: token })),
    ...text.map((token) => choice({ content: token })),
    ...(tool === undefined ? [] : [choice({ tool_calls: [{ ...call, function: { name: tool, arguments: "{}" } }] })]),
    ...(answer.citations === undefined
      ? []
      : [JSON.stringify({ ...base, choices: [], search_results: answer.citations })]),
    choice({}, tool === undefined ? "stop" : "tool_calls"),
    JSON.stringify({ ...base, choices: [], usage }),
    "[DONE]",
  ];
}

/** Splits text into words with their spaces, about as a tokenizer does. */
function tokensOf(text: string): string[] {
  // Blanks before a word only at the beginning: at each place, a long run of them alone would take quadratic time.
  return text.match(/^\s*\S+\s*|\S+\s*/g) ?? [];
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
