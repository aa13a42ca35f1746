/**
 * The inputs of all benchmarks and their tests: answers and streams generated from a seed, so that all runs and
 * machines measure the same bytes. Pure.
 * @module
 */

/** Random numbers from 0 to 1, exclusive, the same for the same seed (xorshift, 32 bits). */
export function seededRandom(seed: number): () => number {
  let state = (seed | 0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The number of tokens before an answer repeats. A block of this many chunks fits in one TLS record of 16 KiB. */
export const TOKENS_PER_BLOCK = 64;

/** The size of one chunk on the provider's wire, with `data: ` and the blank line. */
export const CHUNK_BYTES = 250;

const LETTERS = "etaoinshrdlucmfwypvbgk";
/** Tokens that a careless server breaks: escaped line ends, a quote, characters of two, three and four bytes. */
const AWKWARD = [".\n\n", ' "a', " é", "漢", " 😀", "\\n"];

/** The tokens of an answer: {@linkcode TOKENS_PER_BLOCK} of about four characters each, some of them awkward. */
export function answerTokens(seed = 1): readonly string[] {
  const random = seededRandom(seed);
  const word = () => {
    const length = 1 + Math.floor(random() * 5);
    return " " + Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
  };
  return Array.from({ length: TOKENS_PER_BLOCK }, (_, index) => {
    const awkward = index % 10 === 9 ? AWKWARD[(index - 9) / 10] : undefined;
    return awkward ?? word();
  });
}

/** The text of an answer of `count` tokens, as every server must deliver it. */
export function answerText(count: number, tokens: readonly string[] = answerTokens()): string {
  return Array.from({ length: count }, (_, index) => tokens[index % tokens.length]).join("");
}

const ENCODER = new TextEncoder();

/**
 * One chunk with a token, in OpenAI's format, exactly {@linkcode CHUNK_BYTES} long. As at OpenAI, `obfuscation` pads
 * short tokens.
 * @throws {RangeError} when the token is too long
 */
export function contentChunk(token: string): string {
  const bare = chunk({ content: token }, null, "");
  const room = CHUNK_BYTES - ENCODER.encode(bare).length;
  if (room < 0) throw new RangeError(`Cannot make a chunk of ${CHUNK_BYTES} bytes: the token is ${-room} too long`);
  return chunk({ content: token }, null, "x7Qm2ZbK4s".slice(0, room));
}

/** The first chunk of an answer, with the role. */
export function openingChunk(): string {
  return chunk({ role: "assistant", content: "", refusal: null }, null, "");
}

/** The end of an answer of `count` tokens: the finish reason, the usage and `[DONE]`. */
export function closingChunks(count: number): string {
  const usage = { prompt_tokens: 9, completion_tokens: count, total_tokens: count + 9 };
  return chunk({}, "stop", "") + `data: ${JSON.stringify({ ...HEAD, choices: [], usage })}\n\n` + "data: [DONE]\n\n";
}

const HEAD = {
  id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
  object: "chat.completion.chunk",
  created: 1741569952,
  // As at OpenAI, the dated name and not the requested alias.
  model: "gpt-4o-mini-2024-07-18",
};

function chunk(delta: Record<string, unknown>, finishReason: string | null, obfuscation: string): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ ...HEAD, choices, obfuscation })}\n\n`;
}

/** A provider's whole stream for an answer of `count` tokens, as text. */
export function providerAnswer(count: number): string {
  const chunks = answerTokens().map(contentChunk);
  const content = Array.from({ length: count }, (_, index) => chunks[index % chunks.length]);
  return openingChunk() + content.join("") + closingChunks(count);
}

/**
 * A provider's stream of `count` chunks of every kind, mixed: text, reasoning, fragments of tool calls, usage. No
 * provider sends all of them in one stream.
 */
export function mixedAnswer(count: number, seed = 1): string {
  const random = seededRandom(seed);
  const tokens = answerTokens(seed);
  const make = (index: number): string => {
    const token = tokens[index % tokens.length]!;
    const kind = random();
    if (kind < 0.4) return chunk({ content: token }, null, "");
    if (kind < 0.6) return chunk({ reasoning_content: token, content: null }, null, "");
    if (kind < 0.9) {
      return chunk({ tool_calls: [{ index: 0, id: "call_1", function: { arguments: token } }] }, null, "");
    }
    const usage = { prompt_tokens: 9, completion_tokens: index, total_tokens: index + 9 };
    return `data: ${JSON.stringify({ ...HEAD, choices: [{ index: 0, delta: { content: token } }], usage })}\n\n`;
  };
  return openingChunk() + Array.from({ length: count }, (_, index) => make(index)).join("") + closingChunks(count);
}

/** `text` cut into chunks of `size` UTF-16 code units. */
export function cut(text: string, size: number): readonly string[] {
  return Array.from(
    { length: Math.ceil(text.length / size) },
    (_, index) => text.slice(index * size, (index + 1) * size),
  );
}

/** `text` cut at random positions, into chunks of 1 to `most` code units. */
export function cutAtRandom(text: string, most: number, seed = 1): readonly string[] {
  const random = seededRandom(seed);
  const chunks: string[] = [];
  for (let at = 0; at < text.length;) {
    const size = 1 + Math.floor(random() * most);
    chunks.push(text.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** A stream for a parser, in chunks, with the number of its messages. */
export interface ParserInput {
  readonly name: string;
  readonly chunks: readonly string[];
  readonly messages: number;
}

/** The inputs for parsers: usual traffic, and input that makes a careless parser slow. */
export function parserInputs(): readonly ParserInput[] {
  const answer = providerAnswer(2_000);
  const messages = 2_004;
  return [
    { name: "2,000 chunks, one a piece", chunks: answer.split(/(?<=\n\n)/), messages },
    { name: "2,000 chunks in 16 KiB pieces", chunks: cut(answer, 16_384), messages },
    { name: "2,000 chunks cut at random", chunks: cutAtRandom(answer, 400), messages },
    { name: "2,000 chunks with CRLF", chunks: cut(answer.replaceAll("\n", "\r\n"), 16_384), messages },
    { name: "100,000 tiny events", chunks: cut("data: x\n\n".repeat(100_000), 16_384), messages: 100_000 },
    {
      name: "one line of 1 MiB in 16-character pieces",
      chunks: cut(`data: ${"x".repeat(2 ** 20)}\n\n`, 16),
      messages: 1,
    },
  ];
}
