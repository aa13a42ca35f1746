/**
 * Maps the events of a Responses stream to ours. Pure and synchronous.
 *
 * OpenAI announces each item and part, sends it in deltas, then whole, and all of it again with the end. Compatible servers
 * leave some of that out, so that content is taken wherever it comes first.
 *
 * Invariants for any input: all content is emitted in order, exactly one terminal event is emitted, last, and no JSON
 * makes the mapper throw.
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 * @module
 */
import type { AnswerEmitter, Ending } from "../chat_events/answer_emitter.ts";
import { imageUrlOf } from "../chat_events/data_url.ts";
import { GroundingCollector } from "../chat_events/grounding_collector.ts";
import type { JsonEventMapper } from "../chat_events/json_event_decoder.ts";
import { providerStreamError } from "../chat_events/provider_error.ts";
import { markState } from "../chat_events/provider_state.ts";
import { shownCode } from "../chat_events/shown_code.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { ResponsesEvent, ResponsesItem, ResponsesObject, ResponsesUsage } from "./responses_event.ts";
import { type PartKind, type PartName, ResponsesText } from "./responses_text.ts";
import { ResponsesToolCalls } from "./responses_tool_calls.ts";
import { toModelUsage } from "./responses_usage.ts";
import { SequenceNumbers } from "./sequence_numbers.ts";

/** Events that say only what another event says, too, or how far a tool of the provider is. */
const REDUNDANT =
  /^response\.(?:(?:content|reasoning|reasoning_summary)_part\.(?:added|done)|custom_tool_call_input\.\w+|\w+_call(?:_\w+)?\.\w+|mcp_\w+\.\w+|keepalive)$/;

/** Stands for the item of an event that names none. */
const NO_ITEM = "";

/** The most items that are remembered, by position and id. Beyond, wholes are not used. */
const MAX_ITEM_NAMES = 10_000;

/** The most reasoning items of which the state is kept. Each event repeats the earlier ones. */
const MAX_REASONING_STATES = 64;

/** A part of a message or of reasoning, as a whole. */
interface MessagePart {
  readonly text: unknown;
  readonly refusal: unknown;
  readonly annotations: unknown;
}

/** An event with text of a part: more of it, or all of it. */
interface TextEvent {
  readonly kind: PartKind;
  /** The fields of the event that have the part's position, and the text. */
  readonly index: "content_index" | "summary_index";
  readonly text: "delta" | "text" | "refusal";
}

const TEXT_EVENTS: ReadonlyMap<string, TextEvent> = new Map([
  ["response.output_text.delta", { kind: "text", index: "content_index", text: "delta" }],
  ["response.output_text.done", { kind: "text", index: "content_index", text: "text" }],
  ["response.refusal.delta", { kind: "text", index: "content_index", text: "delta" }],
  ["response.refusal.done", { kind: "text", index: "content_index", text: "refusal" }],
  ["response.reasoning_summary_text.delta", { kind: "summary", index: "summary_index", text: "delta" }],
  ["response.reasoning_summary_text.done", { kind: "summary", index: "summary_index", text: "text" }],
  ["response.reasoning_text.delta", { kind: "reasoning", index: "content_index", text: "delta" }],
  ["response.reasoning_text.done", { kind: "reasoning", index: "content_index", text: "text" }],
]);

/** Maps one stream. */
export class ResponsesMapper implements JsonEventMapper {
  readonly #answer: AnswerEmitter;
  readonly #text: ResponsesText;
  readonly #toolCalls: ResponsesToolCalls;
  readonly #grounding = new GroundingCollector();
  readonly #numbers = new SequenceNumbers();
  /** The positions and ids of the items that are complete. */
  readonly #done = new Set<string>();
  /** The ids and encrypted contents of reasoning items. */
  readonly #reasoningStates: string[] = [];
  /** The ids of items whose events have no position. */
  readonly #idsAsKeys = new Set<string>();
  /** The names of the custom tools that the request has declared; undefined until the provider has repeated them. */
  #customTools: ReadonlySet<string> | undefined;
  /** False where a whole may repeat what has been emitted: deltas do not name their items, or the stream was resumed. */
  #usesWholes = true;
  #unknownEvents = 0;

  constructor(answer: AnswerEmitter) {
    this.#answer = answer;
    this.#text = new ResponsesText(answer);
    this.#toolCalls = new ResponsesToolCalls(answer);
  }

  get unknownEvents(): number {
    return this.#unknownEvents;
  }

  take(json: Untrusted<Record<string, unknown>>, name: string): void {
    const event = json as Untrusted<ResponsesEvent>;
    const type = asText(event.type) ?? (name === "message" ? undefined : name);
    const isFailure = type === undefined && ("error" in json || "detail" in json || "message" in json);
    if (isFailure || type === "error" || type === "response.error") {
      return this.#answer.fail(providerStreamError(json).toData());
    }
    if (type === undefined) return void this.#unknownEvents++;
    const response = asObject<ResponsesObject>(event.response) ?? (FINAL_EVENTS.has(type) ? {} : undefined);
    const isFirst = this.#numbers.first === undefined;
    if (this.#numbers.isRepeated(event.sequence_number, type)) return;
    // A resumed stream begins in the middle of an item. What it repeats as a whole came before it.
    if (isFirst && (this.#numbers.first ?? 0) > 0 && response === undefined) this.#usesWholes = false;
    if (response !== undefined) this.#takeResponse(response, type);
    else if (!this.#takeItemEvent(type, event) && !REDUNDANT.test(type)) this.#unknownEvents++;
  }

  flush(): void {
    const grounding = this.#grounding.take();
    if (grounding !== undefined) this.#answer.emit({ type: "grounding", data: grounding });
  }

  #takeResponse(response: Untrusted<ResponsesObject>, type: string): void {
    const usage = asObject<ResponsesUsage>(response.usage);
    if (usage !== undefined) this.#answer.noteUsage(() => toModelUsage(usage));
    if (Array.isArray(response.tools)) this.#customTools = customToolNames(response.tools);
    const status = finalStatusOf(type, response);
    if (status === undefined) return;
    if (this.#usesWholes) asList(response.output).forEach((item, at) => this.#takeRest(item, at));
    if (status === "failed") return this.#answer.fail(providerStreamError({ error: response.error }).toData());
    this.#answer.finish(this.#endingFor(status, response));
    this.#answer.end();
  }

  /** @returns false for an event of another kind */
  #takeItemEvent(type: string, event: Untrusted<ResponsesEvent>): boolean {
    const textEvent = TEXT_EVENTS.get(type);
    if (textEvent !== undefined) {
      this.#takeText(textEvent, event);
      return true;
    }
    switch (type) {
      case "response.output_item.added":
        return this.#beginItem(this.#keyOf(event), asObject<ResponsesItem>(event.item));
      case "response.output_item.done":
        return this.#endItem(this.#keyOf(event), asObject<ResponsesItem>(event.item));
      case "response.function_call_arguments.delta":
        this.#toolCalls.append(this.#keyOf(event), asText(event.delta) ?? "");
        return true;
      case "response.function_call_arguments.done":
        this.#toolCalls.complete(this.#keyOf(event), asText(event.arguments) ?? "");
        return true;
      case "response.output_text.annotation.added":
        this.#takeAnnotation(this.#nameOf("text", event, "content_index"), event.annotation);
        return true;
      default:
        return false;
    }
  }

  /** Positions identify items. Where an event has none, its item's id does. */
  #keyOf({ output_index, item_id, item }: Untrusted<ResponsesEvent>): string {
    if (typeof output_index === "number") return String(output_index);
    const id = asText(item_id) ?? asText(asObject<ResponsesItem>(item)?.id);
    if (id === undefined) return NO_ITEM;
    if (this.#idsAsKeys.size === MAX_ITEM_NAMES) this.#usesWholes = false;
    else this.#idsAsKeys.add(id);
    return `id:${id}`;
  }

  #takeText({ kind, index, text: field }: TextEvent, event: Untrusted<ResponsesEvent>): void {
    const name = this.#nameOf(kind, event, index);
    const text = asText(event[field]) ?? "";
    if (field === "delta") {
      if (text !== "" && name.item === NO_ITEM) this.#usesWholes = false;
      this.#text.append(name, text);
    } else if (this.#usesWholes) this.#text.complete(name, text);
  }

  #nameOf(kind: PartKind, event: Untrusted<ResponsesEvent>, field: TextEvent["index"]): PartName {
    const index = event[field];
    return { kind, item: this.#keyOf(event), index: typeof index === "number" ? index : 0 };
  }

  #beginItem(key: string, item: Untrusted<ResponsesItem> | undefined): boolean {
    if (item?.type === "function_call") this.#toolCalls.begin(key, item);
    return item !== undefined;
  }

  /** @returns false for an item of a kind that is not shown */
  #endItem(key: string, item: Untrusted<ResponsesItem> | undefined): boolean {
    if (this.#done.size > MAX_ITEM_NAMES) this.#usesWholes = false;
    else this.#done.add(key).add(`id:${asText(item?.id) ?? key}`);
    switch (item?.type) {
      case "message":
        this.#takeMessage(key, item);
        return true;
      case "reasoning":
        this.#takeReasoning(key, item);
        return true;
      case "function_call":
        this.#toolCalls.end(key, item);
        return true;
      case "custom_tool_call":
        this.#takeCustomCall(item);
        return true;
      case "image_generation_call":
        return this.#takeImage(item);
      case "code_interpreter_call":
        this.#show("python", asText(item.code));
        return true;
      case "web_search_call": {
        const action = asObject<ResponsesItem["action"]>(item.action);
        for (const query of [action?.query, ...asList(action?.queries)]) this.#grounding.addQuery(query);
        return true;
      }
      default:
        return false;
    }
  }

  #takeMessage(key: string, { content }: Untrusted<ResponsesItem>): void {
    const parts = asList(content).map((part) => asObject<MessagePart>(part) ?? {});
    this.#completeAll("text", key, parts.map(({ text, refusal }) => asText(text) ?? asText(refusal) ?? ""));
    parts.forEach(({ annotations }, index) => {
      for (const each of asList(annotations)) this.#takeAnnotation({ kind: "text", item: key, index }, each);
    });
    this.flush();
  }

  #completeAll(kind: PartKind, key: string, wholes: readonly string[]): void {
    if (this.#usesWholes) this.#text.completeAll(kind, key, wholes);
  }

  /** The state counts only when the item is complete. */
  #takeReasoning(key: string, item: Untrusted<ResponsesItem>): void {
    const textsOf = (parts: unknown) => asList(parts).map((part) => asText(asObject<MessagePart>(part)?.text) ?? "");
    this.#completeAll("summary", key, textsOf(item.summary));
    this.#completeAll("reasoning", key, textsOf(item.content));
    const encrypted = asText(item.encrypted_content);
    if (encrypted === undefined || this.#reasoningStates.length === MAX_REASONING_STATES) return;
    // A later event replaces an earlier one, and so includes its state.
    this.#reasoningStates.push(`${asText(item.id) ?? ""}:${encrypted}`);
    this.#answer.emit({ type: "reasoning_signature", data: markState("responses", this.#reasoningStates.join(" ")) });
  }

  /** xAI runs custom tools that nobody has declared. Only a declared one is the client's to run. */
  #takeCustomCall(item: Untrusted<ResponsesItem>): void {
    const name = asText(item.name);
    if (name === undefined) return;
    if (this.#customTools?.has(name) ?? true) this.#toolCalls.takeCustom(name, item);
    else this.#show("", `${name} ${asText(item.input) ?? ""}`);
  }

  #takeImage(item: Untrusted<ResponsesItem>): boolean {
    const url = imageUrlOf(`image/${asText(item.output_format) ?? "png"}`, item.result);
    if (url !== undefined) this.#answer.emit({ type: "base64_image", data: url });
    return url !== undefined;
  }

  #show(language: string, code: string | undefined): void {
    if (code !== undefined) this.#answer.emitText("reasoning", shownCode(language, code));
  }

  /** Only citations of web pages have a URL. */
  #takeAnnotation(part: PartName, value: unknown): void {
    const annotation = asObject<{ url: unknown; title: unknown; end_index: unknown }>(value);
    const index = this.#grounding.addCitation(annotation?.url, annotation?.title);
    this.#grounding.addMark(this.#text.positionOf(part, annotation?.end_index), [index]);
  }

  /** An item of the finished response, where it has not come before. */
  #takeRest(value: unknown, at: number): void {
    const item = asObject<ResponsesItem>(value);
    const id = asText(item?.id);
    const key = id !== undefined && this.#idsAsKeys.has(id) ? `id:${id}` : String(at);
    if (item === undefined || this.#done.has(key) || this.#done.has(`id:${id}`)) return;
    if (!this.#endItem(key, item)) this.#unknownEvents++;
  }

  #endingFor(status: Exclude<Status, "failed">, response: Untrusted<ResponsesObject>): Ending {
    if (status === "completed") return { type: "stop", reason: this.#answer.hasToolCalls ? "tool_calls" : "stop" };
    if (status === "cancelled") return { type: "stop", reason: status };
    const details = asObject<ResponsesObject["incomplete_details"]>(response.incomplete_details);
    const reason = asText(details?.reason) ?? status;
    if (reason === "content_filter") return { type: "refusal", reason };
    return { type: "stop", reason: /^max_(?:output_)?tokens$/.test(reason) ? "length" : reason };
  }
}

type Status = "completed" | "incomplete" | "failed" | "cancelled";

/** The events that end a response, and its status where the response does not say. */
const FINAL_EVENTS: ReadonlyMap<string, Status> = new Map([
  ["response.completed", "completed"],
  ["response.incomplete", "incomplete"],
  ["response.failed", "failed"],
  ["response.cancelled", "cancelled"],
  ["response.done", "completed"],
]);

/** How an event ends its response; undefined for an event on the way. */
function finalStatusOf(type: string, { status, error }: Untrusted<ResponsesObject>): Status | undefined {
  if (error) return "failed";
  const byType = FINAL_EVENTS.get(type);
  return byType && ([...FINAL_EVENTS.values()].find((each) => each === status) ?? byType);
}

function customToolNames(tools: readonly unknown[]): ReadonlySet<string> {
  const names = tools.map((value) => {
    const tool = asObject<{ type: unknown; name: unknown }>(value);
    return tool?.type === "custom" ? asText(tool.name) : undefined;
  });
  return new Set(names.filter((name) => name !== undefined));
}
