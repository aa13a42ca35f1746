/**
 * The languages of the component besides English, each loaded when it is needed.
 * @module
 */
import type { ChatStrings } from "./chat_strings.ts";

type Locale = { readonly default: Partial<ChatStrings> };

const LOCALES: Readonly<Record<string, () => Promise<Locale>>> = {
  ar: () => import("./ar.ts"),
  de: () => import("./de.ts"),
  es: () => import("./es.ts"),
  fr: () => import("./fr.ts"),
  hi: () => import("./hi.ts"),
  it: () => import("./it.ts"),
  ja: () => import("./ja.ts"),
  ko: () => import("./ko.ts"),
  pt: () => import("./pt.ts"),
  zh: () => import("./zh.ts"),
};

/** Loads the strings of a language such as `de` or `de-AT`. Empty for English and for an unknown language. */
export async function loadLocale(language: string): Promise<Partial<ChatStrings>> {
  const load = LOCALES[language.toLowerCase().split("-")[0] ?? ""];
  return load === undefined ? {} : (await load()).default;
}
