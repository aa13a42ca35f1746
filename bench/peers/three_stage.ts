/**
 * The stream as the textbook composes it: decode, transform, encode, each in a stream of its own. A peer of the
 * benchmark, started with `PORT` and `OPENAI_BASE_URL`.
 * @module
 */
const { PORT, OPENAI_BASE_URL } = Deno.env.toObject();

Deno.serve({ hostname: "127.0.0.1", port: Number(PORT), onListen: () => {} }, async (request) => {
  const answer = await fetch(`${OPENAI_BASE_URL}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: await request.text(),
    signal: request.signal,
  });
  if (answer.body === null) return new Response(null, { status: 502 });
  const body = answer.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(chatEvents())
    .pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
});

/** OpenAI's stream in, ours out, a line at a time. */
function chatEvents(): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    transform(text, controller) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (!line.startsWith("data: ")) continue;
        const data = line.slice("data: ".length);
        if (data === "[DONE]") {
          controller.enqueue('event: stop\ndata: "stop"\n\n');
          continue;
        }
        const content: unknown = JSON.parse(data).choices?.[0]?.delta?.content;
        if (content) controller.enqueue(`event: text\ndata: ${JSON.stringify(content)}\n\n`);
      }
    },
  });
}
