/**
 * Gives every piece of a tool call its place: which call it continues, or that it opens a new one. Providers disagree on
 * `index`, `id` and `name`; the rules and who needs each are below. Our own indexes count 0, 1, 2 …, so a hostile
 * index never reaches a client.
 * @module
 */
import type { ToolCallDelta } from "../../protocol/chat_event.ts";
import { type OpenAIToolCall } from "./openai_chunk.ts";
import { asObject, asText } from "../chat_events/untrusted_json.ts";

/** The most calls in one answer. More is no model's work, and each costs memory until the stream ends. */
export const MAX_TOOL_CALLS = 1024;

/** Thrown when an answer opens more calls than {@linkcode MAX_TOOL_CALLS}. */
export class TooManyToolCallsError extends RangeError {
  override readonly name = "TooManyToolCallsError";
}

interface OpenCall {
  readonly index: number;
  readonly id: string;
  /** The id and index that the provider gave, if any: ours may differ. */
  providerId: string | undefined;
  readonly providerIndex: number | string | undefined;
  name: string | undefined;
  readonly progress: JsonProgress;
}

/** The calls of one answer. */
export class ToolCalls {
  readonly #generateId: () => string;
  readonly #byIndex = new Map<number | string, OpenCall>();
  readonly #byId = new Map<string, OpenCall>();
  #last: OpenCall | undefined;
  #count = 0;

  /** @param generateId makes an id for a call that came without one of its own */
  constructor(generateId: () => string) {
    this.#generateId = generateId;
  }

  /**
   * The delta to send for one entry of a chunk's `tool_calls`, or undefined where it says nothing new.
   * @throws {TooManyToolCallsError}
   */
  take(entry: unknown): ToolCallDelta | undefined {
    const piece = readPiece(entry);
    if (piece === undefined) return undefined;
    const known = this.#find(piece);
    const call = known ?? this.#open(piece);
    if (piece.index !== undefined) this.#byIndex.set(piece.index, call);
    if (piece.id !== undefined) {
      call.providerId ??= piece.id;
      if (!this.#byId.has(piece.id)) this.#byId.set(piece.id, call);
    }
    this.#last = call;
    // NVIDIA NIM sends the name late, others repeat it or blank it later: the first one that says something counts.
    const name = call.name === undefined ? piece.name : undefined;
    call.name ??= name;
    call.progress.push(piece.arguments);
    // Groq closes with an entry that holds nothing.
    if (known !== undefined && name === undefined && piece.arguments === "") return undefined;
    return {
      index: call.index,
      id: call.id,
      type: "function",
      function: { name: name ?? null, arguments: piece.arguments },
    };
  }

  /** The open call that a piece continues: by index, then by id, then the last one. */
  #find(piece: Piece): OpenCall | undefined {
    const byId = piece.id === undefined ? undefined : this.#byId.get(piece.id);
    if (piece.index !== undefined) {
      // Gemini gives parallel calls the same index: another id there is another call.
      if (byId !== undefined && (byId.providerIndex ?? piece.index) === piece.index) return byId;
      const call = this.#byIndex.get(piece.index);
      const hasOtherId = piece.id !== undefined && call?.providerId !== undefined && call.providerId !== piece.id;
      return call === undefined || hasOtherId || opensAnother(call, piece) ? undefined : call;
    }
    if (piece.id !== undefined) return byId;
    // Mistral, Ollama and Gemini send whole calls without an index, Gemini without an id too: a name opens one.
    return this.#last === undefined || opensAnother(this.#last, piece) ? undefined : this.#last;
  }

  #open(piece: Piece): OpenCall {
    if (this.#count === MAX_TOOL_CALLS) {
      throw new TooManyToolCallsError(`Cannot follow the answer: it opens more than ${MAX_TOOL_CALLS} tool calls`);
    }
    const taken = piece.id === undefined || this.#byId.has(piece.id);
    return {
      index: this.#count++,
      id: taken ? this.#generateId() : piece.id,
      providerId: undefined,
      providerIndex: piece.index,
      name: undefined,
      progress: new JsonProgress(),
    };
  }
}

interface Piece {
  readonly index: number | string | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly arguments: string;
}

/** The piece in an entry, or undefined where it holds nothing. An empty id or name counts as missing. */
function readPiece(entry: unknown): Piece | undefined {
  const call = asObject<OpenAIToolCall>(entry);
  if (call === undefined) return undefined;
  const called = asObject<OpenAIToolCall["function"]>(call.function) ?? {};
  const piece = {
    index: typeof call.index === "number" || typeof call.index === "string" ? call.index : undefined,
    id: asText(call.id),
    name: asText(called.name),
    arguments: readArguments(called.arguments),
  };
  const isEmpty = piece.id === undefined && piece.name === undefined && piece.arguments === "";
  return isEmpty ? undefined : piece;
}

/** Arguments are a fragment of JSON text; Ollama's native shape is the object itself. */
function readArguments(value: unknown): string {
  if (typeof value === "string") return value;
  return asObject(value) === undefined ? "" : JSON.stringify(value);
}

/** For a piece without an id of its own: another name is another call, and so is the same name after whole arguments. */
function opensAnother(call: OpenCall, piece: Piece): boolean {
  if (piece.name === undefined || call.name === undefined) return false;
  if (piece.id !== undefined && piece.id === call.providerId) return false;
  return piece.name !== call.name || (call.progress.isWhole && piece.arguments !== "");
}

/** Follows JSON text far enough to know when an object is whole, without keeping it: a call's arguments may be large. */
class JsonProgress {
  isWhole = false;
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
      else if ((character === "}" || character === "]") && --this.#depth === 0) this.isWhole = true;
    }
  }
}
