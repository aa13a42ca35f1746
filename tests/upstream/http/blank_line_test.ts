/** Tests that the blank line is found wherever the bytes are cut. */
import { assertEquals } from "@std/assert";
import { afterBlankLine } from "../../../upstream/http/blank_line.ts";

const encoder = new TextEncoder();

Deno.test("afterBlankLine finds the first blank line, whatever ends the lines and however many bytes follow", () => {
  for (const blank of ["\r\n\r\n", "\n\n", "\n\r\n"]) {
    const text = `HTTP/1.1 200 OK${blank}data: x\n\n`;
    const bytes = encoder.encode(text);
    const end = text.indexOf(blank) + blank.length;
    for (let filled = 0; filled <= bytes.length; filled++) {
      const found = afterBlankLine(bytes.subarray(0, filled), Math.max(0, filled - 4));
      if (filled < end) assertEquals(found, -1);
      if (filled === end) assertEquals(found, end);
    }
    assertEquals(afterBlankLine(bytes, 0), end);
  }
});
