import { assertEquals } from "@std/assert";
import { loadLocale } from "../../../components/locales/locales.ts";
import { ATTACHMENT_ENGLISH } from "../../../components/locales/attachment_strings.ts";
import { MARKDOWN_ENGLISH } from "../../../components/locales/markdown_strings.ts";
import type { ChatStrings } from "../../../components/locales/chat_strings.ts";
import { FEATURE_ENGLISH } from "../../../components/locales/feature_strings.ts";
import { describeFailure, describeWait, OCCASIONAL_ENGLISH } from "../../../components/locales/occasional_strings.ts";
import { REASONING_ENGLISH } from "../../../components/locales/reasoning_strings.ts";
import { TOOL_ENGLISH } from "../../../components/locales/tool_strings.ts";
import { CORE_ENGLISH, describeLoss, fillString } from "../../../components/locales/core_strings.ts";

const STRINGS: ChatStrings = {
  ...ATTACHMENT_ENGLISH,
  ...CORE_ENGLISH,
  ...FEATURE_ENGLISH,
  ...MARKDOWN_ENGLISH,
  ...OCCASIONAL_ENGLISH,
  ...REASONING_ENGLISH,
  ...TOOL_ENGLISH,
};

const LANGUAGES = ["ar", "de", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh"];
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

for (const language of LANGUAGES) {
  Deno.test(`loadLocale returns every string in ${language} with the same placeholders`, async () => {
    const strings = await loadLocale(`${language}-XX`);
    for (const [name, english] of Object.entries(STRINGS)) {
      assertEquals(placeholders(strings[name as keyof ChatStrings] ?? ""), placeholders(english), name);
    }
    assertEquals(Object.keys(strings).length, Object.keys(STRINGS).length);
  });
}

Deno.test("loadLocale returns nothing for an unknown language", async () => {
  assertEquals(await loadLocale("tlh"), {});
});

Deno.test("fillString replaces known names and keeps unknown ones", () => {
  assertEquals(fillString("{in} of {out} {what}", { in: 1, out: "two" }), "1 of two {what}");
});

Deno.test("describeFailure describes an error type that only a newer server knows", () => {
  assertEquals(describeFailure({ type: "Tomorrow" as "NotFound", message: "x" }, STRINGS), STRINGS.failed);
});

Deno.test("describeFailure distinguishes an unreachable server from a busy one", () => {
  const error = { type: "ProviderNetworkError", message: "x" } as const;
  assertEquals(describeFailure(error, STRINGS), STRINGS.failedBusy);
  assertEquals(describeFailure({ ...error, body: { unreachable: true } }, STRINGS), STRINGS.failedUnreachable);
});

Deno.test("describeLoss describes a broken stream, and no failure that the server reports", () => {
  const broken = { type: "StreamChunkError", message: "x" } as const;
  assertEquals(describeLoss({ ...broken, body: { reason: "unexpected_end" } }, STRINGS), STRINGS.failedCut);
  assertEquals(describeLoss({ ...broken, body: { reason: "idle_timeout" } }, STRINGS), undefined);
  assertEquals(describeLoss({ type: "RateLimitExceeded", message: "x" }, STRINGS), undefined);
});

Deno.test("describeFailure blames the setup and not the connection when the server refuses the origin", () => {
  assertEquals(describeFailure({ type: "OriginNotAllowed", message: "x" }, STRINGS), STRINGS.failedSetup);
});

const WAITS: readonly [number, string][] = [
  [0, ""],
  [1, "Try again in 1 s"],
  [99, "Try again in 99 s"],
  [100, "Try again in 2 min"],
  [5999, "Try again in 100 min"],
  [86_400, "Try again in 24 h"],
];
for (const [seconds, expected] of WAITS) {
  Deno.test(`describeWait of ${seconds} s is "${expected}"`, () => {
    assertEquals(describeWait(seconds, OCCASIONAL_ENGLISH), expected);
  });
}
