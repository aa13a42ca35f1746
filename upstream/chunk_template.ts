/**
 * The short cut for the commonest chunk there is: one more piece of text in a chunk that is otherwise, to the letter, like
 * the one before. Parsing the same JSON again and again is most of what an event costs; comparing it is not.
 *
 * A template is the text of a chunk with a hole where its content was, and a second one for OpenAI's random padding. It is
 * learnt from a chunk that was mapped in full and did nothing but say its content, so that what matches says its content
 * and nothing else. Tests hold both ways against each other on every fixture and on fuzzed streams.
 * @module
 */
import { asList, asObject, type OpenAIChoice, type OpenAIChunk, type OpenAIDelta } from "./openai_chunk.ts";

/** After so many templates that never matched, a stream is taken for one whose chunks differ (Groq: an id for each). */
const MAX_MISSES = 4;

/** An escape, or a control character that JSON forbids: either is for the parser to judge. */
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const NEEDS_PARSING = /[\\\x00-\x1f]/;

/** Why OpenAI pads: https://platform.openai.com/docs/api-reference/chat-streaming/streaming#obfuscation */
const PADDING = '"obfuscation":"';

/** Learns and matches. One for each stream. */
export class ChunkTemplate {
  #head = "";
  /** Between the two holes, or all that follows the only one. */
  #middle = "";
  /** What follows the padding; undefined where there is none. */
  #tail: string | undefined;
  #misses = 0;
  #isFresh = false;

  /** The content of a chunk that matches, or undefined for one that must be parsed. */
  match(data: string): string | undefined {
    const start = this.#head.length;
    // Slices are compared, as V8 compares two strings faster than `startsWith` does.
    if (start === 0 || data.slice(0, start) !== this.#head) return undefined;
    const end = data.indexOf('"', start);
    if (end === -1 || !this.#matchesRest(data, end)) return undefined;
    const content = data.slice(start, end);
    if (NEEDS_PARSING.test(content)) return undefined;
    this.#isFresh = false;
    this.#misses = 0;
    return content;
  }

  /** Takes a chunk that did not match as the new template, if it can be one. @param chunk `data`, parsed */
  learn(data: string, chunk: unknown): void {
    if (this.#misses === MAX_MISSES) return;
    const content = onlyContent(chunk);
    // Content with an escape is spelt otherwise than it reads, and the template that is there may well match again.
    if (content === undefined || JSON.stringify(content) !== `"${content}"`) return;
    if (this.#isFresh) this.#misses++;
    for (const key of ['"content":"', '"content": "']) {
      const at = data.indexOf(`${key}${content}"`);
      if (at !== -1 && this.#set(data, at + key.length, content.length)) return;
    }
  }

  #matchesRest(data: string, end: number): boolean {
    if (this.#tail === undefined) return data.slice(end) === this.#middle;
    const padding = end + this.#middle.length;
    if (data.slice(end, padding) !== this.#middle) return false;
    const paddingEnd = data.indexOf('"', padding);
    return paddingEnd !== -1 && data.slice(paddingEnd) === this.#tail &&
      !NEEDS_PARSING.test(data.slice(padding, paddingEnd));
  }

  #set(data: string, start: number, length: number): boolean {
    const probe = `${data.slice(0, start)}?${data.slice(start + length)}`;
    // The content may stand in more than one place, and only one of them is the answer: ask the parser which.
    if (onlyContent(JSON.parse(probe)) !== "?") return false;
    // Slices of the probe, not of the data: those would keep all that was read with it in memory.
    const head = probe.slice(0, start);
    const rest = probe.slice(start + 1);
    const padding = rest.lastIndexOf(PADDING);
    const paddingStart = padding + PADDING.length;
    const paddingEnd = padding === -1 ? -1 : rest.indexOf('"', paddingStart);
    this.#isFresh = true;
    this.#head = head;
    this.#middle = paddingEnd === -1 ? rest : rest.slice(0, paddingStart);
    this.#tail = paddingEnd === -1 ? undefined : rest.slice(paddingEnd);
    return true;
  }
}

/** What the mapper reads of a chunk besides its choices, and of a choice besides its delta. */
const CHUNK_FIELDS = [
  "usage",
  "x_groq",
  "error",
  "citations",
  "search_results",
  "search_info",
  "web_search",
  "base_resp",
] as const satisfies readonly (keyof OpenAIChunk)[];
const CHOICE_FIELDS = ["finish_reason", "usage", "message"] as const satisfies readonly (keyof OpenAIChoice)[];

/** The content of a chunk that holds a non-empty one and nothing else that the mapper reads; undefined for any other. */
function onlyContent(value: unknown): string | undefined {
  const chunk = asObject<OpenAIChunk & { object: unknown }>(value);
  if (chunk === undefined || chunk.object === "error" || CHUNK_FIELDS.some((name) => says(chunk[name]))) {
    return undefined;
  }
  const choices = asList(chunk.choices);
  const choice = choices.length === 1 ? asObject<OpenAIChoice>(choices[0]) : undefined;
  if (choice === undefined || CHOICE_FIELDS.some((name) => says(choice[name]))) return undefined;
  const delta = asObject<OpenAIDelta>(choice.delta);
  if (delta === undefined || typeof delta.content !== "string" || delta.content === "") return undefined;
  const isAlone = Object.entries(delta).every(([name, field]) => name === "content" || name === "role" || !says(field));
  return isAlone ? delta.content : undefined;
}

/** False for what stands for nothing: null, an empty string, an empty list. */
function says(field: unknown): boolean {
  return field !== undefined && field !== null && field !== "" && !(Array.isArray(field) && field.length === 0);
}
