/**
 * Puts together the arguments of a call that Gemini streams value by value, each with its JSONPath.
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling
 * @module
 */
import { asObject, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { GeminiPartialArg } from "./gemini_chunk.ts";

/** How deep a path may lead. Much deeper, `JSON.stringify` overflows. */
const MAX_DEPTH = 100;

type JsonNode = string | number | boolean | null | JsonNode[] | { [name: string]: JsonNode };
type Container = JsonNode[] | { [name: string]: JsonNode };

/** The arguments of one call. */
export class StreamedArguments {
  readonly #root = createObject();
  readonly #maxChars: number;
  #chars = 0;

  /** @param maxChars the longest arguments, in UTF-16 code units of values and paths */
  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /**
   * Adds a value. A string at a path that has one already continues it.
   * @throws {SyntaxError} when the path cannot be followed
   * @throws {RangeError} when the arguments are too long
   */
  add(partial: unknown): void {
    const arg = asObject<GeminiPartialArg>(partial);
    if (typeof arg?.jsonPath !== "string") throw new SyntaxError("A value of streamed arguments has no path");
    const value = readValue(arg);
    if (value === undefined) return;
    this.#chars += arg.jsonPath.length + (typeof value === "string" ? value.length : 0);
    if (this.#chars > this.#maxChars) throw new RangeError("Streamed arguments are too long");
    const keys = parsePath(arg.jsonPath);
    const last = keys.pop();
    if (last === undefined) throw new SyntaxError("A value of streamed arguments has no name");
    const container = keys.reduce((node, key, at) => enter(node, key, keys[at + 1] ?? last), this.#root as Container);
    const before = get(container, last);
    set(container, last, typeof before === "string" && typeof value === "string" ? before + value : value);
  }

  /** The arguments as JSON. */
  toString(): string {
    return JSON.stringify(this.#root);
  }
}

function readValue(arg: Untrusted<GeminiPartialArg>): JsonNode | undefined {
  if (typeof arg.stringValue === "string") return arg.stringValue;
  if (typeof arg.numberValue === "number") return arg.numberValue;
  if (typeof arg.boolValue === "boolean") return arg.boolValue;
  // In protobuf's JSON, an enum's name stands for null.
  return "nullValue" in arg ? null : undefined;
}

const STEP = /\.([^.[\]]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** The names and positions of a path such as `$.items[0]['a b']`. */
function parsePath(path: string): (string | number)[] {
  if (!path.startsWith("$")) throw new SyntaxError("A path of streamed arguments does not begin with $");
  const keys: (string | number)[] = [];
  for (STEP.lastIndex = 1; STEP.lastIndex < path.length;) {
    const step = STEP.exec(path);
    if (step === null || keys.length === MAX_DEPTH) throw new SyntaxError("A path of streamed arguments is unreadable");
    const [, name, index, single, double] = step;
    keys.push(index === undefined ? name ?? (single ?? double ?? "").replace(/\\(.)/g, "$1") : Number(index));
  }
  return keys;
}

/** The container at `key`, made where there is none. @param next the key that will be used in it */
function enter(container: Container, key: string | number, next: string | number): Container {
  const found = get(container, key);
  if (typeof found === "object" && found !== null) return found;
  if (found !== undefined) throw new SyntaxError("A path of streamed arguments leads through a plain value");
  const made: Container = typeof next === "number" ? [] : createObject();
  set(container, key, made);
  return made;
}

function get(container: Container, key: string | number): JsonNode | undefined {
  return Array.isArray(container) ? container[itemAt(container, key)] : container[key];
}

function set(container: Container, key: string | number, value: JsonNode): void {
  if (Array.isArray(container)) container[itemAt(container, key)] = value;
  else container[key] = value;
}

/** A position in the array or just after it: a distant one would fill the JSON with nulls. */
function itemAt(array: readonly JsonNode[], key: string | number): number {
  if (typeof key === "number" && key <= array.length) return key;
  throw new SyntaxError("A path of streamed arguments leaves items out");
}

/** An object without a prototype, where `__proto__` is a name like any other. */
function createObject(): { [name: string]: JsonNode } {
  return Object.create(null);
}
