/**
 * The languages that the component speaks besides English, each loaded when it is needed.
 * @module
 */
import type { ChatStrings } from "./strings.ts";

type Locale = { readonly default: Partial<ChatStrings> };

const LOCALES: Readonly<Record<string, () => Promise<Locale>>> = {
  ar: () => import("./locales/ar.ts"),
  de: () => import("./locales/de.ts"),
  es: () => import("./locales/es.ts"),
  fr: () => import("./locales/fr.ts"),
  hi: () => import("./locales/hi.ts"),
  it: () => import("./locales/it.ts"),
  ja: () => import("./locales/ja.ts"),
  ko: () => import("./locales/ko.ts"),
  pt: () => import("./locales/pt.ts"),
  zh: () => import("./locales/zh.ts"),
};

/** The words of a language such as `de` or `de-AT`; none where it is English or not known. */
export async function loadLocale(language: string): Promise<Partial<ChatStrings>> {
  const load = LOCALES[language.toLowerCase().split("-")[0] ?? ""];
  return load === undefined ? {} : (await load()).default;
}
