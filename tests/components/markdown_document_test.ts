import { assertEquals } from "@std/assert";
import { MarkdownDocument } from "../../components/markdown_document.ts";

Deno.test("MarkdownDocument keeps the blocks that are finished as they are", () => {
  const document = new MarkdownDocument();
  document.append("# Title\n\nOne paragraph.\n\nTw");
  const [title, paragraph] = document.blocks;
  document.append("o.\n\n- and\n- a list");
  document.end();
  assertEquals(document.blocks.length, 4);
  assertEquals(document.blocks[0] === title && document.blocks[1] === paragraph, true);
});
