/**
 * A peer of the benchmark: the textbook chain of streams that decode, transform and encode. Started with `PORT` and
 * `OPENAI_BASE_URL`.
 * @module
 */
const { PORT, OPENAI_BASE_URL } = Deno.env.toObject();

Deno.serve({ hostname: "127.0.0.1", port: Number(PORT), onListen: () => {} }, async (request) => {
  const response = await fetch(`${OPENAI_BASE_URL}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: await request.text(),
    signal: request.signal,
  });
  if (response.body === null) return new Response(null, { status: 502 });
  const body = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(chatEvents())
    .pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
});

/** OpenAI's stream in, ours out, line by line. */
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
