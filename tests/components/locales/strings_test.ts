import { assertEquals } from "@std/assert";
import { loadLocale } from "../../../components/locales/locales.ts";
import { describeFailure, EXTRA_ENGLISH } from "../../../components/locales/extra_strings.ts";
import { type ChatStrings, ENGLISH, fillString } from "../../../components/locales/strings.ts";

const WORDS: ChatStrings = { ...ENGLISH, ...EXTRA_ENGLISH };

const LANGUAGES = ["ar", "de", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh"];
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

for (const language of LANGUAGES) {
  Deno.test(`loadLocale gives every word of ${language}, with the values in their places`, async () => {
    const words = await loadLocale(`${language}-XX`);
    for (const [name, english] of Object.entries(WORDS)) {
      assertEquals(placeholders(words[name as keyof ChatStrings] ?? ""), placeholders(english), name);
    }
    assertEquals(Object.keys(words).length, Object.keys(WORDS).length);
  });
}

Deno.test("loadLocale gives nothing for a language that it does not know", async () => {
  assertEquals(await loadLocale("tlh"), {});
});

Deno.test("fillString puts values in their places and leaves unknown names alone", () => {
  assertEquals(fillString("{in} of {out} {what}", { in: 1, out: "two" }), "1 of two {what}");
});

Deno.test("describeFailure has words for a kind of error that a newer server may send", () => {
  assertEquals(describeFailure({ type: "Tomorrow" as "NotFound", message: "x" }, WORDS), WORDS.failed);
});

Deno.test("describeFailure tells an unreachable server from a busy one", () => {
  const error = { type: "ProviderNetworkError", message: "x" } as const;
  assertEquals(describeFailure(error, WORDS), WORDS.failedBusy);
  assertEquals(describeFailure({ ...error, body: { unreachable: true } }, WORDS), WORDS.failedUnreachable);
});
