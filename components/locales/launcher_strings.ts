/**
 * The strings that a launcher needs before the component is loaded, by language. A page in English does not load them. On
 * other pages they are loaded early: the first one is needed when nothing can be loaded.
 * @module
 */
import type { LauncherStrings } from "./launcher_english.ts";

const STRINGS: Readonly<Record<string, LauncherStrings>> = {
  ar: { loadFailed: "تعذّر تحميل الدردشة. حاول مرة أخرى.", dismiss: "تجاهل" },
  de: { loadFailed: "Der Chat konnte nicht geladen werden. Versuchen Sie es noch einmal.", dismiss: "Ausblenden" },
  es: { loadFailed: "No se pudo cargar el chat. Inténtelo de nuevo.", dismiss: "Descartar" },
  fr: { loadFailed: "Le chat n’a pas pu être chargé. Veuillez réessayer.", dismiss: "Masquer" },
  hi: { loadFailed: "चैट लोड नहीं हो सकी। फिर से कोशिश करें।", dismiss: "हटाएँ" },
  it: { loadFailed: "Impossibile caricare la chat. Riprovi.", dismiss: "Ignora" },
  ja: { loadFailed: "チャットを読み込めませんでした。もう一度お試しください。", dismiss: "閉じる" },
  ko: { loadFailed: "채팅을 불러오지 못했습니다. 다시 시도해 주세요.", dismiss: "닫기" },
  pt: { loadFailed: "Não foi possível carregar o chat. Tente novamente.", dismiss: "Dispensar" },
  zh: { loadFailed: "无法加载聊天，请重试。", dismiss: "关闭" },
};

/** Returns the strings in a language such as `de` or `de-AT`, if there are any. */
export function launcherStrings(language: string): LauncherStrings | undefined {
  return STRINGS[language.toLowerCase().split("-")[0] ?? ""];
}
