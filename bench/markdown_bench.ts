/**
 * Micro-benchmark of the Markdown parser on streamed text: an ordinary answer, and hostile texts at two lengths, whose
 * times should differ by about ten. Run with `deno bench bench/markdown_bench.ts`.
 * @module
 */
import { MarkdownDocument } from "../components/markdown/markdown_document.ts";
import { cutRandomly, HOSTILE_TEXTS, SAMPLE } from "../tests/components/markdown/markdown_sample.ts";

/** Parses the text after each chunk, as the view does. */
function parse(chunks: readonly string[]): void {
  const document = new MarkdownDocument();
  for (const chunk of chunks) {
    document.append(chunk);
    void document.blocks;
  }
  document.end();
  void document.blocks;
}

for (const copies of [1, 10]) {
  const chunks = cutRandomly(SAMPLE.repeat(copies), 3, 8);
  Deno.bench({ name: `${copies}×`, group: "an answer", baseline: copies === 1 }, () => parse(chunks));
}

for (const [group, make] of HOSTILE_TEXTS) {
  for (const scale of [500, 5000]) {
    const chunks = cutRandomly(make(scale), 3, 2000);
    Deno.bench({ name: `scale ${scale}`, group, baseline: scale === 500 }, () => parse(chunks));
  }
}
