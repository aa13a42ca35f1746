/**
 * Assigns each fragment of a tool call to an open call or to a new one. Providers disagree on `index`, `id` and `name`;
 * each rule below names the provider that needs it. Our own indexes count 0, 1, 2 …, so a hostile index never reaches a
 * client.
 * @module
 */
import type { ToolCallDelta } from "../../protocol/chat_event.ts";
import { type OpenAIToolCall } from "./openai_chunk.ts";
import { markState } from "../chat_events/provider_state.ts";
import { asObject, asText } from "../chat_events/untrusted_json.ts";

/** The most calls in one answer. No model makes more, and each holds memory until the stream ends. */
export const MAX_TOOL_CALLS = 1024;

/** The longest input of all custom calls of one answer, in UTF-16 code units. It is held until the answer is complete. */
export const MAX_CUSTOM_INPUT_CHARS = 1024 * 1024;

/** Thrown when an answer exceeds {@linkcode MAX_TOOL_CALLS} or {@linkcode MAX_CUSTOM_INPUT_CHARS}. */
export class TooManyToolCallsError extends RangeError {
  override readonly name = "TooManyToolCallsError";
}

interface OpenCall {
  readonly index: number;
  readonly id: string;
  /** The id and index that the provider sent, if any. Ours may differ. */
  providerId: string | undefined;
  readonly providerIndex: number | string | undefined;
  name: string | undefined;
  readonly progress: JsonProgress;
  /** The input of a custom call so far; undefined for a function's. */
  customInput: string | undefined;
}

/** The calls of one answer. */
export class ToolCalls {
  readonly #generateId: () => string;
  readonly #earlierIds: ReadonlySet<string> | undefined;
  readonly #byIndex = new Map<number | string, OpenCall>();
  readonly #byId = new Map<string, OpenCall>();
  readonly #custom: OpenCall[] = [];
  #customChars = 0;
  #last: OpenCall | undefined;
  #count = 0;

  /**
   * @param generateId makes an id for a call without a usable one
   * @param earlierIds the ids of the calls before this answer. Some providers count the calls of each answer from 0.
   */
  constructor(generateId: () => string, earlierIds?: ReadonlySet<string>) {
    this.#generateId = generateId;
    this.#earlierIds = earlierIds;
  }

  /** The custom calls of a complete answer. Their input is any text: nobody could tell that it was cut. */
  takeCustom(): ToolCallDelta[] {
    return this.#custom.splice(0).map(({ id, name = "", customInput = "" }) => ({
      index: this.#count++,
      id,
      type: "function",
      function: { name, arguments: customInput },
    }));
  }

  /**
   * The delta to send for one entry of a chunk's `tool_calls`; undefined where the entry adds nothing, and for a custom
   * call, which {@linkcode takeCustom} returns.
   * @throws {TooManyToolCallsError}
   */
  take(entry: unknown): ToolCallDelta | undefined {
    const fragment = readFragment(entry);
    if (fragment === undefined) return undefined;
    const known = this.#find(fragment);
    const call = known ?? this.#open(fragment);
    if (fragment.index !== undefined) this.#byIndex.set(fragment.index, call);
    if (fragment.id !== undefined) {
      call.providerId ??= fragment.id;
      if (!this.#byId.has(fragment.id)) this.#byId.set(fragment.id, call);
    }
    this.#last = call;
    // NVIDIA NIM sends the name late. Others repeat it, or send an empty one later. Keep the first name.
    const name = call.name === undefined ? fragment.name : undefined;
    call.name ??= name;
    if (call.customInput !== undefined) return this.#hold(call, fragment.arguments);
    call.progress.push(fragment.arguments);
    // Groq closes a call with an empty entry.
    const { thoughtSignature } = fragment;
    const isEmpty = name === undefined && fragment.arguments === "" && thoughtSignature === undefined;
    if (known !== undefined && isEmpty) return undefined;
    return {
      index: call.index,
      id: call.id,
      type: "function",
      function: { name: name ?? null, arguments: fragment.arguments },
      ...(thoughtSignature !== undefined && { thoughtSignature }),
    };
  }

  #hold(call: OpenCall, input: string): undefined {
    this.#customChars += input.length;
    if (this.#customChars > MAX_CUSTOM_INPUT_CHARS) {
      throw new TooManyToolCallsError(`Cannot follow the answer: its custom calls exceed ${MAX_CUSTOM_INPUT_CHARS}`);
    }
    call.customInput += input;
  }

  /** The open call that a fragment continues: by index, then by id, then the last one. */
  #find(fragment: Fragment): OpenCall | undefined {
    const byId = fragment.id === undefined ? undefined : this.#byId.get(fragment.id);
    if (fragment.index !== undefined) {
      // Gemini sends parallel calls with the same index. A different id is a different call.
      if (byId !== undefined && (byId.providerIndex ?? fragment.index) === fragment.index) return byId;
      const call = this.#byIndex.get(fragment.index);
      const hasOtherId = fragment.id !== undefined && call?.providerId !== undefined && call.providerId !== fragment.id;
      return call === undefined || hasOtherId || opensAnother(call, fragment) ? undefined : call;
    }
    if (fragment.id !== undefined) return byId;
    // Mistral, Ollama and Gemini send whole calls without an index, Gemini also without an id. A name opens a call.
    return this.#last === undefined || opensAnother(this.#last, fragment) ? undefined : this.#last;
  }

  #open(fragment: Fragment): OpenCall {
    if (this.#count + this.#custom.length === MAX_TOOL_CALLS) {
      throw new TooManyToolCallsError(`Cannot follow the answer: it opens more than ${MAX_TOOL_CALLS} tool calls`);
    }
    const isTaken = fragment.id === undefined || this.#byId.has(fragment.id) || this.#earlierIds?.has(fragment.id);
    const call: OpenCall = {
      // A custom call gets its index when it is sent.
      index: fragment.isCustom ? -1 : this.#count++,
      id: isTaken ? this.#generateId() : fragment.id,
      providerId: undefined,
      providerIndex: fragment.index,
      name: undefined,
      progress: new JsonProgress(),
      customInput: fragment.isCustom ? "" : undefined,
    };
    if (fragment.isCustom) this.#custom.push(call);
    return call;
  }
}

interface Fragment {
  readonly index: number | string | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly arguments: string;
  readonly thoughtSignature: string | undefined;
  readonly isCustom: boolean;
}

/** The fragment in an entry; undefined for an empty one. An empty id or name counts as missing. */
function readFragment(entry: unknown): Fragment | undefined {
  const call = asObject<OpenAIToolCall>(entry);
  if (call === undefined) return undefined;
  const called = asObject<OpenAIToolCall["function"]>(call.function) ?? {};
  const custom = asObject<OpenAIToolCall["custom"]>(call.custom);
  const fragment = {
    index: typeof call.index === "number" || typeof call.index === "string" ? call.index : undefined,
    id: asText(call.id),
    name: asText(called.name) ?? asText(custom?.name),
    arguments: readArguments(called.arguments ?? custom?.input),
    thoughtSignature: readSignature(call.extra_content),
    isCustom: custom !== undefined && call.function === undefined,
  };
  const isEmpty = fragment.id === undefined && fragment.name === undefined && fragment.arguments === "" &&
    fragment.thoughtSignature === undefined;
  return isEmpty ? undefined : fragment;
}

function readSignature(extra: unknown): string | undefined {
  const { google } = asObject<OpenAIToolCall["extra_content"]>(extra) ?? {};
  const signature = asText(asObject<OpenAIToolCall["extra_content"]["google"]>(google)?.thought_signature);
  // Both APIs of Gemini have the same signatures.
  return signature === undefined ? undefined : markState("gemini", signature);
}

/** Arguments are a fragment of JSON text. Ollama sends the whole object. */
function readArguments(value: unknown): string {
  if (typeof value === "string") return value;
  return asObject(value) === undefined ? "" : JSON.stringify(value);
}

/** True where a name opens another call: a different name, or the same name after complete arguments. */
function opensAnother(call: OpenCall, fragment: Fragment): boolean {
  if (fragment.name === undefined || call.name === undefined) return false;
  if (fragment.id !== undefined && fragment.id === call.providerId) return false;
  return fragment.name !== call.name || (call.progress.isComplete && fragment.arguments !== "");
}

/** Detects the end of an object in JSON text without keeping the text: arguments may be large. */
class JsonProgress {
  isComplete = false;
  #depth = 0;
  #inString = false;
  #escaped = false;

  push(fragment: string): void {
    for (const character of fragment) {
      if (this.#escaped) this.#escaped = false;
      else if (this.#inString) {
        if (character === "\\") this.#escaped = true;
        else if (character === '"') this.#inString = false;
      } else if (character === '"') this.#inString = true;
      else if (character === "{" || character === "[") this.#depth++;
      else if ((character === "}" || character === "]") && --this.#depth === 0) this.isComplete = true;
    }
  }
}
