/**
 * Joins the fragments of an answer's tool calls for clients that need the name of a call before its input. Some providers send
 * the name late.
 * @module
 */
import type { ToolCallDelta } from "../protocol/chat_event.ts";

/** A tool call so far. */
export interface FollowedCall {
  readonly id: string;
  /** Empty until it is known. */
  readonly name: string;
  readonly input: string;
  readonly thoughtSignature: string | undefined;
}

/** What a fragment adds to a call whose name is known. */
export interface CallProgress {
  readonly id: string;
  readonly name: string;
  /** The name was not known before. */
  readonly isNamed: boolean;
  /** The next input. With the name comes all that was there before it. */
  readonly input: string;
}

/** The calls of one answer. */
export class FollowedCalls {
  readonly #calls = new Map<string, FollowedCall>();

  /** The calls so far, in order. A call without a name cannot be run, and is left out. */
  get named(): readonly FollowedCall[] {
    return [...this.#calls.values()].filter(({ name }) => name !== "");
  }

  /** Adds a fragment. @returns undefined while the call has no name */
  add({ id, function: { name, arguments: input }, thoughtSignature }: ToolCallDelta): CallProgress | undefined {
    const before = this.#calls.get(id);
    const call: FollowedCall = {
      id,
      name: before?.name || (name ?? ""),
      input: (before?.input ?? "") + input,
      thoughtSignature: thoughtSignature ?? before?.thoughtSignature,
    };
    this.#calls.set(id, call);
    if (call.name === "") return undefined;
    const isNamed = (before?.name ?? "") === "";
    return { id, name: call.name, isNamed, input: isNamed ? call.input : input };
  }
}
