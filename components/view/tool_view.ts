/**
 * The templates of tool calls: the name, the arguments received so far, the status and the result.
 * @module
 */
import { html, nothing, svg, type TemplateResult } from "lit";
import type { ToolCall } from "../../protocol/chat_request.ts";
import type { AnswerEntry, ToolResult } from "../chat/chat_state.ts";
import { icon } from "./icons.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { fillString } from "../locales/core_strings.ts";

const TOOL = icon(svg`<path d="M14.5 6.5a4 4 0 0 0-5 5L4 17l3 3 5.5-5.5a4 4 0 0 0 5-5L15 12l-3-3z" />`);

/** Renders the tool calls of an answer. @param onDecide receives the visitor's decision on the pending call */
export function renderToolCalls(
  entry: AnswerEntry,
  strings: ChatStrings,
  onDecide: (allowed: boolean) => void,
): TemplateResult[] {
  return (entry.answer.tool_calls ?? []).map((call) => renderCall(call, entry.results?.[call.id], strings, onDecide));
}

function renderCall(
  call: ToolCall,
  result: ToolResult | undefined,
  strings: ChatStrings,
  onDecide: (allowed: boolean) => void,
): TemplateResult {
  const state = describe(result, strings);
  return html`
    <div class="tool" part="tool">
      <details>
        <summary>
          ${TOOL}<code>${call.function.name}</code><span class="tool-state">${state}</span>
        </summary>
        <div class="tool-body">
          <span>${strings.toolArguments}</span>
          <pre dir="ltr" tabindex="0">${pretty(call.function.arguments)}</pre>
          ${result?.content
            ? html`<span>${strings.toolResult}</span><pre dir="ltr" tabindex="0">${pretty(result.content)}</pre>`
            : nothing}
        </div>
      </details>
      ${result?.status === "asking" ? renderQuestion(call, strings, onDecide) : nothing}
    </div>
  `;
}

function renderQuestion(call: ToolCall, strings: ChatStrings, onDecide: (allowed: boolean) => void): TemplateResult {
  return html`
    <div class="tool-ask">
      <span>${fillString(strings.toolAsk, { name: call.function.name })}</span>
      <button type="button" class="plain" @click=${() => onDecide(false)}>${strings.decline}</button>
      <button type="button" class="plain filled" @click=${() => onDecide(true)}>${strings.allow}</button>
    </div>
  `;
}

function describe(result: ToolResult | undefined, strings: ChatStrings): string {
  switch (result?.status) {
    case undefined:
      return "";
    case "asking":
      return strings.toolAsking;
    case "running":
      return strings.toolRunning;
    case "done":
      return strings.toolDone;
    case "failed":
      return strings.toolFailed;
    case "declined":
      return strings.toolDeclined;
  }
}

/** Formats JSON with indentation; other text, such as incomplete JSON, stays as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
