import { assertEquals } from "@std/assert";
import { loadLocale } from "../../components/locales.ts";
import { type ChatStrings, describeFailure, ENGLISH, fillString } from "../../components/strings.ts";

const LANGUAGES = ["ar", "de", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh"];
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

for (const language of LANGUAGES) {
  Deno.test(`loadLocale gives every word of ${language}, with the values in their places`, async () => {
    const words = await loadLocale(`${language}-XX`);
    for (const [name, english] of Object.entries(ENGLISH)) {
      assertEquals(placeholders(words[name as keyof ChatStrings] ?? ""), placeholders(english), name);
    }
    assertEquals(Object.keys(words).length, Object.keys(ENGLISH).length);
  });
}

Deno.test("loadLocale gives nothing for a language that it does not know", async () => {
  assertEquals(await loadLocale("tlh"), {});
});

Deno.test("fillString puts values in their places and leaves unknown names alone", () => {
  assertEquals(fillString("{in} of {out} {what}", { in: 1, out: "two" }), "1 of two {what}");
});

Deno.test("describeFailure has words for a kind of error that a newer server may send", () => {
  assertEquals(describeFailure({ type: "Tomorrow" as "NotFound", message: "x" }, ENGLISH), ENGLISH.failed);
});

Deno.test("describeFailure tells an unreachable server from a busy one", () => {
  const error = { type: "ProviderNetworkError", message: "x" } as const;
  assertEquals(describeFailure(error, ENGLISH), ENGLISH.failedBusy);
  assertEquals(describeFailure({ ...error, body: { unreachable: true } }, ENGLISH), ENGLISH.failedUnreachable);
});
