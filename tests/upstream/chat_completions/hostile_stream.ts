/**
 * Generates streams that no provider should send, from a seed: fields of any type, in any order, cut anywhere. It
 * records their content. It knows the meaning of the fields, but not how they are read.
 * @module
 */
import { cutAtRandom } from "../../chunkings.ts";
import { SeededRandom } from "../../seeded_random.ts";
import { hostileAnnotations } from "../hostile_values.ts";

/** A stream and its expected content. */
export interface HostileStream {
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  readonly text: string;
  readonly reasoning: string;
  /** All fragments of all tool calls, in order. */
  readonly toolArguments: string;
  /** The finish reason; undefined where the stream must end with an error. */
  readonly stop: string | undefined;
}

/** An item of content. `content` may contain think tags. `pause` is an item without text. */
interface Item {
  readonly type: "content" | "text" | "reasoning" | "arguments" | "pause";
  readonly data: string;
}

type Add = (type: Item["type"], data: string) => string;

type Json = Record<string, unknown>;

const PLAIN_STRINGS = ["a", " ", "word ", "é", "漢字", "👍", "👩‍👩‍👧", "\u{1F1E8}\u{1F1ED}", "e\u0301", "\ud83d", "\udc4d"];
const ODD_STRINGS = ["\u2028", "\uFEFF", "\0", "\n", "\n\n", "\r\n", '"', "\\", "\\n", "1e308", "__proto__"];
const WIRE_STRINGS = ["data: [DONE]\n\n", "id: 9", ": ping\n", "</p>", "`"];
const STRINGS = [...PLAIN_STRINGS, ...ODD_STRINGS, ...WIRE_STRINGS];
const TAG_PARTS = ["<think>", "</think>", "<", "<th", "ink>", "</", "</thi", "nk>", "think>", ">", "x"];
const NAMES = ["__proto__", "constructor", "toString", "", "0", "a", "f"];
const INDEXES = [0, 0, 0, 1, 2, -1, 0.5, 4294967295, 1e308, "0", "__proto__", null, true, {}, [], undefined];
const FINISH_REASONS = ["stop", "length", "tool_calls", "content_filter", "error", "", null, 7, {}];
/** Lines that a reader must skip. */
const NOISE = [
  ": ping",
  "",
  ":",
  "data",
  "data:",
  "retry: 10",
  "id: x",
  "foo: bar",
  "event: chunk",
  "datax: {}",
  "Error: x",
];
/** Data that is not a chunk. */
const UNREADABLE = ["{unparsable", "[DONE] ", "[DONE]x", "null", "7", '"text"', "[]"];

const POISON: unknown = JSON.parse('{"__proto__":{"polluted":1}}');
/** Values of any type. */
const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "x",
  "__proto__",
  [],
  {},
  [[]],
  [null],
  { url: 7 },
  POISON,
];
const NOT_TEXTS: readonly unknown[] = [null, true, 7, {}, { text: "no" }];
const NOT_LISTS: readonly unknown[] = [null, true, 7, "x", {}];
const NOT_OBJECTS: readonly unknown[] = [null, 7, "x", []];
const NOT_IMAGES: readonly unknown[] = [null, 7, {}, { url: 7 }, { image_url: [] }];
const NO_CALLS: readonly unknown[] = [...NOT_OBJECTS, {}, { index: 3 }, { function: null }, {
  id: "",
  function: { name: "" },
}];
const COUNTS: readonly unknown[] = [0, 1, 50, -1, 1e308, 0.5, "7", null, {}, undefined];

/** The stream of a seed. */
export function createHostileStream(seed: number): HostileStream {
  return new Generator(new SeededRandom(seed)).create();
}

/** Marks an interruption of the content, across which there is no tag. No generated text contains it. */
const INTERRUPTION = "\uE000";

/** The content by channel, without the think tags. */
function separate(items: readonly Item[]): Pick<HostileStream, "text" | "reasoning" | "toolArguments"> {
  const content = items.map(({ type, data }) => type === "content" ? data : INTERRUPTION).join("");
  const others = items.filter(({ type }) => type !== "content");
  const out = { text: "", reasoning: "", toolArguments: "" };
  const tag = /^\uE000*<think>/.exec(content);
  const close = tag === null ? -1 : content.indexOf("</think>", tag[0].length);
  const end = close === -1 ? content.length : close;
  let next = 0;
  for (let at = 0; at < content.length; at++) {
    const character = content.charAt(at);
    if (character === INTERRUPTION) {
      const { type, data } = others[next++]!;
      if (type === "arguments") out.toolArguments += data;
      else if (type !== "pause") out[type as "text" | "reasoning"] += data;
    } else if (tag === null) out.text += character;
    else if (at < tag[0].length || (at >= end && at < end + "</think>".length)) continue;
    else out[at < end ? "reasoning" : "text"] += character;
  }
  return out;
}

class Generator {
  readonly #dice: SeededRandom;
  readonly #items: Item[] = [];
  readonly #lineEnd: string;
  #wire = "";
  #followed: number | string | undefined;
  #finish: string | undefined;
  /** The share of chunks that differ in their content only, as real ones do. */
  readonly #plainness: number;
  /** The strings of the content. Some streams have almost only parts of think tags. */
  readonly #strings: readonly string[];

  constructor(dice: SeededRandom) {
    this.#dice = dice;
    this.#lineEnd = this.#dice.pick(["\n", "\n", "\r\n", "\r"]);
    this.#plainness = this.#dice.pick([0, 0, 0.5, 0.9]);
    this.#strings = this.#dice.chance(0.4) ? TAG_PARTS : STRINGS;
  }

  create(): HostileStream {
    if (this.#dice.chance(0.1)) this.#wire += "\uFEFF";
    for (let left = this.#dice.below(12); left > 0; left--) {
      if (this.#dice.chance(0.2)) this.#addNoise();
      if (this.#dice.chance(this.#plainness)) this.#addPlainChunk();
      else this.#addData(this.#chunk());
    }
    const stop = this.#end();
    const bytes = new TextEncoder().encode(this.#wire);
    // Invalid UTF-8 at the end: a cut character.
    const tail = this.#dice.chance(0.1) ? Uint8Array.from([...bytes, 0xf0, 0x9f]) : bytes;
    // The smallest chunks take the most time, so they are rare.
    const chunks = cutAtRandom(
      tail,
      this.#dice,
      this.#dice.chance(0.02) ? 1 : this.#dice.pick([40, 200, 1000, 5000]),
    );
    return { chunks, ...separate(this.#items), stop };
  }

  /** Adds the end of the stream, after which nothing counts. @returns the expected finish reason */
  #end(): string | undefined {
    const kind = this.#dice.below(8);
    if (kind === 0) return this.#stopWith(this.#finish);
    if (kind === 1) {
      this.#wire += `data: {"choices":[{"delta":{"content":"cut`;
      return this.#stopWith(this.#finish);
    }
    if (kind <= 5) this.#addData("[DONE]");
    else this.#addFailure();
    // All of this must be ignored.
    for (let left = this.#dice.below(3); left > 0; left--) {
      this.#wire +=
        `data: {"choices":[{"delta":{"content":"late"},"finish_reason":"late"}]}${this.#lineEnd}${this.#lineEnd}`;
    }
    return kind <= 5 ? this.#stopWith(this.#finish ?? "unknown") : undefined;
  }

  #stopWith(finish: string | undefined): string | undefined {
    return finish === "content_filter" || finish === "error" ? undefined : finish;
  }

  /** Adds a failure in one of its many shapes. */
  #addFailure(): void {
    const failure = this.#dice.pick<unknown>([
      this.#dice.pick(UNREADABLE),
      this.#dice.pick(UNREADABLE),
      { error: { message: this.#text(), code: this.#dice.pick(JUNK) } },
      { error: this.#text() || "x", choices: [] },
      { error: true },
      { object: "error", message: this.#text(), code: this.#dice.pick(JUNK) },
      { detail: this.#dice.pick(JUNK) },
      { message: this.#dice.pick(JUNK) },
      {
        base_resp: { status_code: 1 + this.#dice.below(3000), status_msg: this.#dice.pick(JUNK) },
        choices: this.#dice.pick([null, []]),
      },
      "event: error",
      "error: ",
    ]);
    if (failure === "event: error") {
      this.#wire += `event: error${this.#lineEnd}data: oops${this.#lineEnd}${this.#lineEnd}`;
    } else if (failure === "error: ") {
      this.#wire += `error: ${this.#dice.pick(["oops", "{}", '{"code":429}', ""])}${this.#lineEnd}${this.#lineEnd}`;
    } else this.#addData(failure);
  }

  /** Adds lines that a reader must skip. */
  #addNoise(): void {
    this.#wire += this.#dice.pick(NOISE) + this.#lineEnd;
    if (this.#dice.chance(0.5)) this.#wire += this.#lineEnd;
  }

  /** Adds a message, with its data on one line or several. */
  #addData(value: unknown): void {
    const text = typeof value === "string" ? value : JSON.stringify(value, null, this.#dice.chance(0.1) ? 1 : 0);
    const space = this.#dice.pick(["", " "]);
    for (const line of text.split("\n")) this.#wire += `data:${space}${line}${this.#lineEnd}`;
    this.#wire += this.#lineEnd;
  }

  #chunk(): Json {
    const chunk: Json = { id: this.#dice.pick(JUNK), model: this.#dice.pick(JUNK), choices: this.#choices() };
    if (this.#dice.chance(0.3)) chunk.usage = this.#usage();
    if (this.#dice.chance(0.1)) {
      chunk.x_groq = this.#dice.pick<unknown>([this.#dice.pick(JUNK), { usage: this.#usage() }]);
    }
    for (const field of ["citations", "search_results", "search_info", "web_search"]) {
      if (this.#dice.chance(0.05)) {
        chunk[field] = this.#dice.pick<unknown>([
          this.#dice.pick(JUNK),
          ["https://example.com/", this.#dice.pick(JUNK)],
          {
            search_results: this.#dice.pick(JUNK),
          },
        ]);
      }
    }
    if (this.#dice.chance(0.05)) {
      chunk.base_resp = this.#dice.pick<unknown>([null, "1", { status_code: 0 }, { status_code: "1" }]);
    }
    if (this.#dice.chance(0.05)) chunk.error = this.#dice.pick([null, false, 0, ""]);
    return this.#dice.shuffle(chunk);
  }

  /** Adds a usual chunk; some have another id, another choice, or padding. */
  #addPlainChunk(): void {
    const index = this.#dice.chance(0.9) ? 0 : 1;
    this.#followed ??= index;
    const content = this.#text();
    if (content !== "" && this.#followed === index) this.#items.push({ type: "content", data: content });
    const choices = [{ index, delta: { content }, logprobs: null, finish_reason: null }];
    const padding = this.#dice.chance(0.2) ? {} : { obfuscation: "p".repeat(this.#dice.below(9)) };
    this.#addData({ id: this.#dice.chance(0.9) ? "chatcmpl-1" : "chatcmpl-2", choices, usage: null, ...padding });
  }

  #choices(): unknown {
    if (this.#dice.chance(0.1)) return this.#dice.pick<unknown>([null, 7, "x", {}, [], [null, 7, "x", []]]);
    return Array.from({ length: this.#dice.pick([1, 1, 1, 2, 3]) }, () => this.#choice());
  }

  #choice(): Json {
    const index = this.#dice.chance(0.7) ? 0 : this.#dice.pick(INDEXES);
    const position = typeof index === "number" || typeof index === "string" ? index : 0;
    this.#followed ??= position;
    const counts = this.#followed === position;
    const choice: Json = index === undefined ? {} : { index };
    choice[this.#dice.pick(["delta", "delta", "delta", "message"])] = this.#delta(counts);
    if (this.#dice.chance(0.1)) choice.usage = this.#usage();
    if (this.#dice.chance(0.25)) {
      const finish = this.#dice.pick(FINISH_REASONS);
      choice.finish_reason = finish;
      if (counts && typeof finish === "string" && finish !== "") this.#finish ??= finish;
    }
    return this.#dice.shuffle(choice);
  }

  /** A delta. Its content is recorded if its choice counts. */
  #delta(counts: boolean): unknown {
    if (this.#dice.chance(0.03)) return this.#dice.pick(NOT_OBJECTS);
    const add: Add = (type, data) => {
      if (counts && data !== "") this.#items.push({ type, data });
      return data;
    };
    const delta: Json = { role: this.#dice.pick(JUNK) };
    this.#addReasoning(delta, add);
    this.#addContent(delta, add);
    if (this.#dice.chance(0.1)) {
      delta.refusal = this.#dice.chance(0.7) ? add("text", this.#text()) : this.#dice.pick(NOT_TEXTS);
    }
    if (this.#dice.chance(0.1)) delta.images = this.#images(add);
    if (this.#dice.chance(0.2)) delta.tool_calls = this.#toolCalls(add);
    if (this.#dice.chance(0.05)) {
      delta.annotations = this.#dice.pick<unknown>([hostileAnnotations(this.#dice), ...JUNK]);
    }
    return this.#dice.shuffle(delta);
  }

  /** Adds reasoning under some of its names. The first non-empty one in this order counts. */
  #addReasoning(delta: Json, add: Add): void {
    let text = "";
    for (const field of ["reasoning_content", "reasoning", "reasoning_text"]) {
      if (!this.#dice.chance(0.15)) continue;
      const value = this.#dice.pick<unknown>([this.#text(), "", this.#dice.pick(NOT_TEXTS)]);
      delta[field] = value;
      if (text === "" && typeof value === "string") text = value;
    }
    if (this.#dice.chance(0.1)) {
      const texts = [this.#text(), this.#text()];
      delta.reasoning_details = [{ text: texts[0] }, this.#dice.pick<unknown>([null, { text: 7 }]), {
        type: "x",
        text: texts[1],
      }];
      text ||= texts.join("");
    }
    add("reasoning", text);
  }

  #addContent(delta: Json, add: Add): void {
    const kind = this.#dice.next();
    if (kind < 0.7) delta.content = add("content", this.#text());
    else if (kind < 0.75) delta.content = this.#dice.pick([null, true, 7, {}]);
    else if (kind < 0.8) delta.content = { text: add("content", this.#text()) };
    else if (kind < 0.9) {
      delta.content = this.#dice.list(4, () => {
        switch (this.#dice.below(5)) {
          case 0:
            return { type: "thinking", thinking: add("reasoning", this.#text()) };
          case 1:
            return { type: "thinking", thinking: [{ type: "text", text: add("reasoning", this.#text()) }, null] };
          case 2:
            return this.#dice.chance(0.5)
              ? { type: "text", text: add("content", this.#text()) }
              : { text: add("content", this.#text()) };
          case 3:
            return add("content", this.#text());
          default:
            return this.#dice.chance(0.5) ? this.#image(add) : this.#dice.pick<unknown>([null, 7, {}, { type: 7 }]);
        }
      });
    }
  }

  #images(add: Add): unknown {
    if (this.#dice.chance(0.2)) return this.#dice.pick(NOT_LISTS);
    return this.#dice.list(3, () => {
      return this.#dice.chance(0.7) ? this.#image(add) : this.#dice.pick(NOT_IMAGES);
    });
  }

  #image(add: Add): unknown {
    const isData = this.#dice.chance(0.5);
    const url = isData ? "data:image/png;base64,QUFB" : "https://example.com/a.png";
    if (isData) add("pause", url);
    else add("text", `![](<${url}>)`);
    return { image_url: this.#dice.pick<unknown>([url, { url }]) };
  }

  #toolCalls(add: Add): unknown {
    if (this.#dice.chance(0.2)) return this.#dice.pick(NOT_LISTS);
    return this.#dice.list(3, () => {
      if (this.#dice.chance(0.2)) {
        return this.#dice.pick(NO_CALLS);
      }
      const args = this.#dice.pick(["{}", '{"a"', ":1}", "}", " ", "👍", '"\\', "\ud83d"]);
      add("arguments", args);
      return this.#dice.shuffle({
        index: this.#dice.pick(INDEXES),
        id: this.#dice.pick<unknown>([...NAMES, null, undefined, 7]),
        function: { name: this.#dice.pick<unknown>([...NAMES, null, undefined, 7]), arguments: args },
      });
    });
  }

  #usage(): unknown {
    const count = () => this.#dice.pick(COUNTS);
    return this.#dice.pick<unknown>([this.#dice.pick(JUNK), {
      prompt_tokens: count(),
      completion_tokens: count(),
      total_tokens: count(),
      citation_tokens: count(),
      cost: count(),
      prompt_tokens_details: this.#dice.pick<unknown>([this.#dice.pick(JUNK), {
        cached_tokens: count(),
        audio_tokens: count(),
      }]),
      completion_tokens_details: this.#dice.pick<unknown>([this.#dice.pick(JUNK), { reasoning_tokens: count() }]),
    }]);
  }

  #text(): string {
    return this.#dice.list(4, () => this.#dice.pick(this.#strings)).join("");
  }
}
