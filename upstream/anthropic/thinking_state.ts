/**
 * Anthropic's signed and redacted thinking as one string: clients keep it with the reasoning and send both back. Without it
 * the provider refuses the next round of a tool loop.
 * @see https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks
 * @module
 */
import type { Reasoning } from "../../protocol/chat_request.ts";
import { markState, unmarkState } from "../chat_events/provider_state.ts";
import { asObject, asText } from "../chat_events/untrusted_json.ts";

/** A block as it goes back to the provider. */
export type ThinkingBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string };

/** A block without its text, which the client has as reasoning: only the text's length in UTF-16 code units is kept. */
export type ThinkingPart =
  | { readonly chars: number; readonly signature: string }
  | { readonly data: string };

/** The state of an answer's blocks so far. A single signed block has its own signature, as it is in LobeChat. */
export function writeThinkingState(parts: readonly ThinkingPart[]): string {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined && "signature" in first && BASE64.test(first.signature)) {
    return first.signature;
  }
  return markState("anthropic", JSON.stringify(parts));
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** The blocks of a message in the history; none where its reasoning is another provider's, or was changed. */
export function readThinkingBlocks({ content, signature }: Reasoning): readonly ThinkingBlock[] {
  if (signature !== undefined && BASE64.test(signature)) return [{ type: "thinking", thinking: content, signature }];
  const parts = parseParts(unmarkState("anthropic", signature));
  const length = parts.reduce((sum, part) => sum + ("chars" in part ? part.chars : 0), 0);
  if (length !== content.length) return [];
  let at = 0;
  return parts.map((part) => {
    if ("data" in part) return { type: "redacted_thinking", data: part.data };
    const thinking = content.slice(at, at += part.chars);
    return { type: "thinking", thinking, signature: part.signature };
  });
}

function parseParts(json: string | undefined): readonly ThinkingPart[] {
  try {
    const parts = JSON.parse(json ?? "[]") as unknown;
    return Array.isArray(parts) ? parts.filter(isPart) : [];
  } catch {
    return [];
  }
}

function isPart(value: unknown): value is ThinkingPart {
  const part = asObject<{ chars: unknown; signature: unknown; data: unknown }>(value);
  if (part === undefined) return false;
  if (asText(part.data) !== undefined) return true;
  return Number.isSafeInteger(part.chars) && part.chars as number >= 0 && asText(part.signature) !== undefined;
}
