/**
 * A code block: its text, its language, and the buttons that wrap, download and copy it.
 * @module
 */
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { findLanguage } from "./code_languages.ts";
import { codeText } from "./code_text.ts";
import type { MarkdownStrings } from "./markdown_context.ts";
import { markWide } from "./wide_mark.ts";

const WRAP = svg`<path d="M4 6h16M4 12h13a3.5 3.5 0 0 1 0 7h-4M15.500 16.500 13 19l2.500 2.500M4 18h4" />`;
const DOWNLOAD = svg`<path d="M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14" />`;

/** Renders a code block. @param language as the block names it; may be empty */
export function renderCode(text: string, language: string, strings: MarkdownStrings): TemplateResult {
  const { name, extension } = findLanguage(language);
  // deno-fmt-ignore: white space in here would be visible
  return html`<div class="code" dir="ltr" ${markWide()}><div class="code-head"><span class="code-language">${name}</span>${
    button("code-wrap", strings.wrapLines, WRAP, wrap, "false")}${
    button("code-download", strings.download, DOWNLOAD, (event) => download(event, `code.${extension}`))}<button
    type="button" class="code-button code-copy" @click=${copy} @blur=${forgetCopied} @pointerleave=${forgetCopied}
    ><span>${strings.copy}</span><span>${strings.copied}</span></button></div><pre
    tabindex="0" role="group" aria-label=${name || strings.code}
    ><code class=${language ? `language-${language}` : nothing} ${codeText(text, language.toLowerCase())}></code></pre></div>`;
}

function button(
  className: string,
  label: string,
  image: SVGTemplateResult,
  onClick: (event: Event) => void,
  pressed?: "false",
): TemplateResult {
  // deno-fmt-ignore: white space between the buttons would be visible
  return html`<button type="button" class="code-button ${className}" aria-label=${label} title=${label}
    aria-pressed=${pressed ?? nothing} @click=${onClick}><svg viewBox="0 0 24 24" aria-hidden="true">${image}</svg></button>`;
}

function blockOf(event: Event): HTMLElement | null {
  return (event.currentTarget as Element).closest<HTMLElement>(".code");
}

function codeOf(event: Event): Element | null | undefined {
  return blockOf(event)?.querySelector("code");
}

function wrap(event: Event): void {
  const isWrapped = blockOf(event)?.toggleAttribute("data-wrapped") ?? false;
  (event.currentTarget as Element).ariaPressed = String(isWrapped);
}

function download(event: Event, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([codeOf(event)?.textContent ?? ""], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function copy(event: Event): Promise<void> {
  const button = event.currentTarget as HTMLElement;
  const code = codeOf(event);
  if (!code) return;
  try {
    await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
    button.dataset.copied = "";
  } catch {
    // Not allowed, or not a secure context: select the code for the copy command of the browser.
    getSelection()?.selectAllChildren(code);
  }
}

function forgetCopied(event: Event): void {
  delete (event.currentTarget as HTMLElement).dataset.copied;
}
