/**
 * The templates of tool calls: the title, the arguments received so far, the status, the result, and the question to the
 * visitor.
 * @module
 */
import { html, nothing, svg, type TemplateResult } from "lit";
import type { ToolCall } from "../../protocol/chat_request.ts";
import type { AnswerEntry, ToolResult } from "../chat/chat_state.ts";
import type { ChatTool } from "../chat/chat_tool.ts";
import { icon } from "./icons.ts";
import type { MessageFeatures } from "./message_features.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { fillString } from "../locales/core_strings.ts";

const TOOL = icon(svg`<path d="M14.5 6.5a4 4 0 0 0-5 5L4 17l3 3 5.5-5.5a4 4 0 0 0 5-5L15 12l-3-3z" />`);

/** A longer value shows its beginning until the visitor expands it, in UTF-16 code units. */
const MAX_VALUE_CHARS = 140;

/** The visitor's decision on a tool call. `always` allows all further calls of the tool in the conversation. */
export type ToolDecision = "allow" | "always" | "decline";

/** What tool calls are rendered with. */
export interface ToolViewOptions {
  readonly strings: ChatStrings;
  /** The tools of the page, for their titles. */
  readonly tools: readonly ChatTool[];
  /** The features of the page, which may replace the view of a call, but not the question to the visitor. */
  readonly features: Pick<MessageFeatures, "wrapTool"> | undefined;
  /** Receives the visitor's decision on the pending call. */
  onDecide(decision: ToolDecision): void;
}

/** The title of a tool: the page's, or its name in words, such as "Get weather" for `get_weather` or `getWeather`. */
export function toolTitle(name: string, tools: readonly ChatTool[] = []): string {
  const title = tools.find((tool) => tool.name === name)?.title;
  if (title) return title;
  const words = name.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2").replace(/[_\-.]+/g, " ").trim().toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Renders the tool calls of an answer. */
export function renderToolCalls(entry: AnswerEntry, options: ToolViewOptions): TemplateResult[] {
  return (entry.answer.tool_calls ?? []).map((call) => {
    const result = entry.results?.[call.id];
    // Nothing waits for the visitor any more after a stop or a reload.
    const isPending = entry.status === "calling" || (result?.status !== "asking" && result?.status !== "running");
    return renderCall(call, isPending ? result : undefined, options);
  });
}

function renderCall(call: ToolCall, result: ToolResult | undefined, options: ToolViewOptions): TemplateResult {
  const { strings } = options;
  const title = toolTitle(call.function.name, options.tools);
  const view = html`
    <details>
      <summary>
        ${TOOL}<span class="tool-title">${title}</span><span class="tool-state">${describe(result, strings)}</span>
      </summary>
      <div class="tool-body">
        <span>${strings.toolArguments}</span>
        <pre dir="ltr" tabindex="0">${pretty(call.function.arguments)}</pre>
        ${result?.content
          ? html`<span>${strings.toolResult}</span><pre dir="ltr" tabindex="0">${pretty(result.content)}</pre>`
          : nothing}
      </div>
    </details>
  `;
  return html`
    <div class="tool" part="tool">
      ${options.features?.wrapTool(call, result, view) ?? view}
      ${result?.status === "asking" ? renderQuestion(call, title, options) : nothing}
    </div>
  `;
}

function renderQuestion(call: ToolCall, title: string, { strings, onDecide }: ToolViewOptions): TemplateResult {
  return html`
    <div class="tool-ask">
      <p>${fillString(strings.toolAsk, { name: title })}</p>
      ${renderArguments(call.function.arguments, strings)}
      <div class="tool-buttons">
        <button type="button" class="plain" @click=${() => onDecide("always")}>${strings.allowAlways}</button>
        <span>
          <button type="button" class="plain" @click=${() => onDecide("decline")}>${strings.decline}</button>
          <button type="button" class="plain filled" @click=${() => onDecide("allow")}>${strings.allow}</button>
        </span>
      </div>
    </div>
  `;
}

/** Renders the arguments as a list of names and values. Incomplete or unusual JSON is shown as it is. */
function renderArguments(text: string, strings: ChatStrings): TemplateResult | typeof nothing {
  const args = parseObject(text);
  if (args === undefined) return html`<pre dir="ltr" tabindex="0">${text}</pre>`;
  const entries = Object.entries(args);
  if (entries.length === 0) return nothing;
  const rows = entries.map(([name, value]) =>
    html`
      <div>
        <dt>${toolTitle(name)}</dt>
        <dd dir="auto">${renderValue(value, strings)}</dd>
      </div>
    `
  );
  return html`<dl>${rows}</dl>`;
}

function renderValue(value: unknown, strings: ChatStrings): unknown {
  const text = formatValue(value);
  if (text.length <= MAX_VALUE_CHARS) return text;
  const start = text.slice(0, MAX_VALUE_CHARS);
  // deno-fmt-ignore: white space in here would be visible
  return html`<details class="long"><summary>${start}… <b>${strings.showAll}</b></summary><span>${text}</span></details>`;
}

function formatValue(value: unknown): string {
  if (typeof value === "string") return value;
  const isSimpleList = Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null);
  return isSimpleList ? value.join(", ") : JSON.stringify(value, null, 2);
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

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() || "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}
