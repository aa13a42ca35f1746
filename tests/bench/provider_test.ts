/** Tests of the benchmark's provider. @module */
import { assertEquals } from "@std/assert";
import { answerText } from "../../bench/inputs.ts";
import { parseModel, startProvider } from "../../bench/provider.ts";
import { cancel, firstEvent } from "../../bench/scenarios.ts";
import { SseParser } from "../../protocol/sse_parser.ts";

Deno.test("parseModel returns tokens, pace and tag, and undefined for other models", () => {
  assertEquals(parseModel("bench-2000-0"), { tokens: 2000, paceMs: 0, tag: "" });
  assertEquals(parseModel("bench-5-20-c7"), { tokens: 5, paceMs: 20, tag: "c7" });
  for (const model of ["gpt-4o", "bench-5", "bench-5-", "bench-x-1", "bench-5-20-c 7", undefined]) {
    assertEquals(parseModel(model), undefined, String(model));
  }
});

for (const [name, model, tokens] of [["burst", "bench-150-0", 150], ["paced", "bench-70-1", 70]] as const) {
  Deno.test(`the provider delivers the whole answer: ${name}`, async () => {
    await using provider = startProvider();
    const response = await fetch(`http://127.0.0.1:${provider.port}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ model }),
    });
    let text = "";
    const parser = new SseParser({
      onMessage({ data }) {
        if (data !== "[DONE]") text += JSON.parse(data).choices[0]?.delta.content ?? "";
      },
    });
    parser.feed(await response.text());
    assertEquals(text, answerText(tokens));
  });
}

Deno.test("the provider responds with OpenAI's error when the model is unknown", async () => {
  await using provider = startProvider();
  const response = await fetch(`http://127.0.0.1:${provider.port}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "gpt-4o" }),
  });
  assertEquals(response.status, 404);
  assertEquals((await response.json()).error.code, "model_not_found");
});

Deno.test("the provider reports each client that leaves, and the scenarios receive as many reports as they expect", async () => {
  await using provider = startProvider();
  const target = { port: provider.port, path: "/v1/chat/completions" };
  const left = await cancel(target, target, 3);
  const first = await firstEvent(target, 3);
  assertEquals([left, first].every(({ medianMs, p99Ms }) => medianMs > 0 && p99Ms >= medianMs), true);
});
