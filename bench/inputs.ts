/**
 * The inputs of every benchmark and of their tests: answers and streams made from a seed, so that two runs and two
 * machines measure the same bytes. Pure.
 * @module
 */

/** Numbers from 0 up to 1, the same for the same seed (xorshift, 32 bits). */
export function seededRandom(seed: number): () => number {
  let state = (seed | 0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** How many pieces an answer has before they repeat. A block of this many chunks fits in one TLS record of 16 KiB. */
export const PIECES_PER_BLOCK = 64;

/** The size of one chunk on the provider's wire, with `data: ` and the blank line. */
export const CHUNK_BYTES = 250;

const LETTERS = "etaoinshrdlucmfwypvbgk";
/** Pieces that a careless server breaks: an escaped line end, a quote, letters of two, three and four bytes. */
const AWKWARD = [".\n\n", ' "a', " é", "漢", " 😀", "\\n"];

/** The pieces of an answer: {@linkcode PIECES_PER_BLOCK} of about four characters each, a few of them awkward. */
export function answerPieces(seed = 1): readonly string[] {
  const random = seededRandom(seed);
  const word = () => {
    const length = 1 + Math.floor(random() * 5);
    return " " + Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
  };
  return Array.from({ length: PIECES_PER_BLOCK }, (_, index) => {
    const awkward = index % 10 === 9 ? AWKWARD[(index - 9) / 10] : undefined;
    return awkward ?? word();
  });
}

/** The text of an answer of `count` pieces, as every server must deliver it. */
export function answerText(count: number, pieces: readonly string[] = answerPieces()): string {
  return Array.from({ length: count }, (_, index) => pieces[index % pieces.length]).join("");
}

const ENCODER = new TextEncoder();

/**
 * One chunk with a piece of text, in the shape of OpenAI's API, exactly {@linkcode CHUNK_BYTES} long. As at OpenAI,
 * `obfuscation` makes up the difference between short and long pieces.
 * @throws {RangeError} when the piece is too long for that
 */
export function contentChunk(piece: string): string {
  const bare = chunk({ content: piece }, null, "");
  const room = CHUNK_BYTES - ENCODER.encode(bare).length;
  if (room < 0) throw new RangeError(`Cannot make a chunk of ${CHUNK_BYTES} bytes: the piece is ${-room} too long`);
  return chunk({ content: piece }, null, "x7Qm2ZbK4s".slice(0, room));
}

/** The chunk that opens an answer and says who speaks. */
export function openingChunk(): string {
  return chunk({ role: "assistant", content: "", refusal: null }, null, "");
}

/** What ends an answer of `count` pieces: the finish reason, the usage and `[DONE]`. */
export function closingChunks(count: number): string {
  const usage = { prompt_tokens: 9, completion_tokens: count, total_tokens: count + 9 };
  return chunk({}, "stop", "") + `data: ${JSON.stringify({ ...HEAD, choices: [], usage })}\n\n` + "data: [DONE]\n\n";
}

const HEAD = {
  id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
  object: "chat.completion.chunk",
  created: 1741569952,
  // As at OpenAI, the dated name and not the alias that was asked for.
  model: "gpt-4o-mini-2024-07-18",
};

function chunk(delta: Record<string, unknown>, finishReason: string | null, obfuscation: string): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ ...HEAD, choices, obfuscation })}\n\n`;
}

/** A provider's whole answer of `count` pieces as text. */
export function providerAnswer(count: number): string {
  const chunks = answerPieces().map(contentChunk);
  const content = Array.from({ length: count }, (_, index) => chunks[index % chunks.length]);
  return openingChunk() + content.join("") + closingChunks(count);
}

/**
 * A provider's answer of `count` chunks of every kind: text, reasoning, pieces of tool calls and usage in between, as no
 * provider sends them together and each may send some.
 */
export function mixedAnswer(count: number, seed = 1): string {
  const random = seededRandom(seed);
  const pieces = answerPieces(seed);
  const make = (index: number): string => {
    const piece = pieces[index % pieces.length]!;
    const kind = random();
    if (kind < 0.4) return chunk({ content: piece }, null, "");
    if (kind < 0.6) return chunk({ reasoning_content: piece, content: null }, null, "");
    if (kind < 0.9) {
      return chunk({ tool_calls: [{ index: 0, id: "call_1", function: { arguments: piece } }] }, null, "");
    }
    const usage = { prompt_tokens: 9, completion_tokens: index, total_tokens: index + 9 };
    return `data: ${JSON.stringify({ ...HEAD, choices: [{ index: 0, delta: { content: piece } }], usage })}\n\n`;
  };
  return openingChunk() + Array.from({ length: count }, (_, index) => make(index)).join("") + closingChunks(count);
}

/** `text` cut into pieces of `size` UTF-16 code units. */
export function cut(text: string, size: number): readonly string[] {
  return Array.from(
    { length: Math.ceil(text.length / size) },
    (_, index) => text.slice(index * size, (index + 1) * size),
  );
}

/** `text` cut at random places, into pieces of 1 to `most` code units. */
export function cutAtRandom(text: string, most: number, seed = 1): readonly string[] {
  const random = seededRandom(seed);
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const size = 1 + Math.floor(random() * most);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** A stream for a parser, in the pieces in which it arrives, and how many messages it holds. */
export interface ParserInput {
  readonly name: string;
  readonly pieces: readonly string[];
  readonly messages: number;
}

/** What the parsers are measured with: the usual traffic, and the input that makes a careless one slow. */
export function parserInputs(): readonly ParserInput[] {
  const answer = providerAnswer(2_000);
  const messages = 2_004;
  return [
    { name: "2,000 chunks, one a piece", pieces: answer.split(/(?<=\n\n)/), messages },
    { name: "2,000 chunks in 16 KiB pieces", pieces: cut(answer, 16_384), messages },
    { name: "2,000 chunks cut at random", pieces: cutAtRandom(answer, 400), messages },
    { name: "2,000 chunks with CRLF", pieces: cut(answer.replaceAll("\n", "\r\n"), 16_384), messages },
    { name: "100,000 tiny events", pieces: cut("data: x\n\n".repeat(100_000), 16_384), messages: 100_000 },
    {
      name: "one line of 1 MiB in 16-character pieces",
      pieces: cut(`data: ${"x".repeat(2 ** 20)}\n\n`, 16),
      messages: 1,
    },
  ];
}
