/** `data:` URLs of answers and of requests. */
import { assertEquals } from "@std/assert";
import { imageUrlOf, parseDataUrl } from "../../../upstream/chat_events/data_url.ts";

for (
  const [mimeType, data, url] of [
    ["image/png", "AAAA", "data:image/png;base64,AAAA"],
    ["image/svg+xml", "AA==", "data:image/svg+xml;base64,AA=="],
    ["image/webp", "_-A", "data:image/webp;base64,/+A="],
    ["image/png", "AA\nAA", "data:image/png;base64,AAAA"],
    ["image/png", '"><script>', "data:image/png;base64,script=="],
    ["image/png", "", undefined],
    ["image/png", 7, undefined],
    ["text/html", "AAAA", undefined],
    ['image/png" onload="x', "AAAA", undefined],
    ["image/png;base64,AA", "AAAA", undefined],
    [undefined, "AAAA", undefined],
  ] as const
) {
  Deno.test(`imageUrlOf gives ${url} for ${mimeType} and ${JSON.stringify(data)}`, () => {
    assertEquals(imageUrlOf(mimeType, data), url);
  });
}

for (
  const [url, parts] of [
    ["data:image/png;base64,AAAA", { mimeType: "image/png", data: "AAAA" }],
    ["DATA:Application/PDF;name=a.pdf;base64,AA", { mimeType: "application/pdf", data: "AA" }],
    ["data:image/png,AAAA", undefined],
    ["data:;base64,AAAA", undefined],
    ["https://example.com/a.png", undefined],
  ] as const
) {
  Deno.test(`parseDataUrl gives ${JSON.stringify(parts)} for ${url}`, () => {
    assertEquals(parseDataUrl(url), parts);
  });
}
