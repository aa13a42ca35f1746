/**
 * A peer of the benchmark: the minimal Deno server, which forwards the provider's bytes untouched. Started with `PORT`
 * and `OPENAI_BASE_URL`.
 * @module
 */
const { PORT, OPENAI_BASE_URL } = Deno.env.toObject();

Deno.serve({ hostname: "127.0.0.1", port: Number(PORT), onListen: () => {} }, async (request) => {
  const { body, status, headers } = await fetch(`${OPENAI_BASE_URL}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: await request.text(),
    signal: request.signal,
  });
  return new Response(body, { status, headers: { "content-type": headers.get("content-type") ?? "" } });
});
