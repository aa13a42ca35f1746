import { assertEquals } from "@std/assert";
import { imageSource } from "../../../components/markdown/markdown_image.ts";
import { linkTarget } from "../../../components/markdown/markdown_url.ts";

const PAGE = { base: "https://page.example/chat/", origin: "https://page.example" };

const LINKS: readonly (readonly [string, string | undefined, string?])[] = [
  ["https://other.example/a", "https://other.example/a", "other.example"],
  ["http://page.example/a", "http://page.example/a", "page.example"],
  ["https://page.example/a", "https://page.example/a"],
  ["//other.example/a", "//other.example/a", "other.example"],
  ["/a b?c=\u00e4", "/a%20b?c=%C3%A4"],
  ["#part", "#part"],
  ["mailto:a@b.example", "mailto:a@b.example"],
  ["tel:+123", "tel:+123"],
  ["javascript:alert(1)", undefined],
  ["JaVaScRiPt:alert(1)", undefined],
  [" \u0001java\nscript:alert(1)", undefined],
  ["java\u202escript:alert(1)", undefined],
  ["java\u200bscript:alert(1)", undefined],
  ["vbscript:x", undefined],
  ["data:text/html,x", undefined],
  ["file:///etc/passwd", undefined],
  ["blob:https://page.example/1", undefined],
  ["ftp://a.example/", undefined],
  ["https://", undefined],
  ["https://a.example/\u202egpj.exe", "https://a.example/gpj.exe", "a.example"],
  ["http://[::1]:8080/", "http://[::1]:8080/", "[::1]:8080"],
  ["\\\\other.example/a", "%5C%5Cother.example/a"],
];

for (const [written, href, host] of LINKS) {
  Deno.test(`linkTarget of ${JSON.stringify(written)}`, () => {
    assertEquals(linkTarget(written, PAGE), href === undefined ? undefined : { href, host });
  });
}

const IMAGES: readonly (readonly [string, string])[] = [
  ["/a.png", "page.example"],
  ["https://page.example/a.png", "page.example"],
  ["https://trusted.example/a.png", "loads"],
  ["https://trusted.example.evil.example/a.png", "trusted.example.evil.example"],
  ["https://trusted.example@evil.example/a.png", "evil.example"],
  ["http://trusted.example/a.png", "trusted.example"],
  ["//evil.example/a.png", "evil.example"],
  ["https://page.example:8443/a.png", "page.example:8443"],
  ["data:image/png;base64,AAAA", "loads"],
  ["data:image/svg+xml,<svg/>", "never"],
  ["data:text/html,x", "never"],
  ["blob:https://page.example/1", "loads"],
  ["blob:https://evil.example/1", "never"],
  ["javascript:alert(1)", "never"],
  ["ftp://page.example/a.png", "never"],
];

for (const [written, expected] of IMAGES) {
  Deno.test(`imageSource of ${JSON.stringify(written)}`, () => {
    const source = imageSource(written, PAGE, ["https://trusted.example"]);
    assertEquals(source === undefined ? "never" : source.blockedHost ?? "loads", expected);
  });
}

Deno.test("imageSource loads images of the page's own origin when the page trusts it", () => {
  assertEquals(imageSource("/a.png", PAGE, [PAGE.origin])?.blockedHost, undefined);
});

Deno.test("linkTarget and imageSource treat every URL as foreign on a page with an opaque origin", () => {
  const page = { base: "https://page.example/", origin: "null" };
  assertEquals(linkTarget("/a", page), { href: "/a", host: "page.example" });
  assertEquals(imageSource("/a.png", page, [])?.blockedHost, "page.example");
});
