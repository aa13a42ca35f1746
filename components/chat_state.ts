/**
 * The conversation as data, and the one function that changes it. Pure. Entries form a tree: each knows the entry it
 * follows, so an edited question or another answer is a sibling, and nothing said is ever lost. What is shown is the
 * path from the root to `leaf`.
 * @module
 */
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../protocol/chat_answer.ts";
import { type ChatEvent, isTerminal } from "../protocol/chat_event.ts";
import { type ChatMessage, type ContentPart, MAX_MESSAGES } from "../protocol/chat_request.ts";

/** How far an answer is. `stopped` is the visitor's doing, `failed` is not. */
export type AnswerStatus = "waiting" | "streaming" | "done" | "stopped" | "failed";

/** How far the conversation is: `idle` before the first question, then as its last answer. */
export type ChatStatus = "idle" | "waiting" | "streaming" | "done" | "failed";

interface Placed {
  /** Unique in the conversation, and never used again after it is cleared. */
  readonly id: number;
  /** The entry before this one; undefined for a first question. */
  readonly parent: number | undefined;
}

/** What the visitor said. */
export interface QuestionEntry extends Placed {
  readonly type: "question";
  readonly content: string | readonly ContentPart[];
}

/** What came back. */
export interface AnswerEntry extends Placed {
  readonly type: "answer";
  readonly status: AnswerStatus;
  readonly answer: ChatAnswer;
}

/** One thing said. */
export type ChatEntry = QuestionEntry | AnswerEntry;

/** A conversation. */
export interface ChatState {
  readonly entries: readonly ChatEntry[];
  /** The last entry that is shown. */
  readonly leaf: number | undefined;
  readonly nextId: number;
}

/** What can happen to a conversation. */
export type ChatAction =
  /** A question after `parent`, and a place for its answer. */
  | { readonly type: "ask"; readonly parent: number | undefined; readonly content: QuestionEntry["content"] }
  /** A place for another answer to the question `parent`. */
  | { readonly type: "answer"; readonly parent: number }
  | { readonly type: "event"; readonly id: number; readonly event: ChatEvent }
  | { readonly type: "stop"; readonly id: number }
  /** Shows the version `id` and the newest of what follows it. */
  | { readonly type: "show"; readonly id: number }
  /** Another conversation takes the place of this one. */
  | { readonly type: "load"; readonly state: ChatState };

/** A conversation in which nothing has been said. */
export const EMPTY_CHAT: ChatState = { entries: [], leaf: undefined, nextId: 1 };

/** The conversation after `action`. An event or a stop for an answer that has ended, or is gone, changes nothing. */
export function reduceChat(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "ask": {
      const question: QuestionEntry = {
        type: "question",
        id: state.nextId,
        parent: action.parent,
        content: action.content,
      };
      return addAnswer({ ...state, entries: [...state.entries, question], nextId: question.id + 1 }, question.id);
    }
    case "answer":
      return addAnswer({ ...state, entries: withoutEmptyFailures(state.entries, action.parent) }, action.parent);
    case "event":
      return updateAnswer(state, action.id, (entry) => ({
        ...entry,
        answer: reduceChatAnswer(entry.answer, action.event),
        status: !isTerminal(action.event) ? "streaming" : action.event.type === "stop" ? "done" : "failed",
      }));
    case "stop":
      return updateAnswer(state, action.id, (entry) => ({ ...entry, status: "stopped" }));
    case "show":
      return { ...state, leaf: newestBelow(state.entries, action.id) };
    case "load":
      return { ...action.state, nextId: Math.max(state.nextId, action.state.nextId) };
    default:
      return action satisfies never;
  }
}

/** The entries that are shown, first to last. */
export function shownEntries(state: ChatState): readonly ChatEntry[] {
  const byId = new Map(state.entries.map((entry) => [entry.id, entry]));
  const path: ChatEntry[] = [];
  let id = state.leaf;
  while (id !== undefined) {
    const entry = byId.get(id);
    if (entry === undefined) break;
    path.push(entry);
    id = entry.parent;
  }
  return path.reverse();
}

/** How far the conversation is. */
export function chatStatus(state: ChatState): ChatStatus {
  const last = state.entries.find((entry) => entry.id === state.leaf);
  if (last?.type !== "answer") return "idle";
  return last.status === "stopped" ? "done" : last.status;
}

/** True while an answer is on its way. */
export function isRunning(status: AnswerStatus | ChatStatus): boolean {
  return status === "waiting" || status === "streaming";
}

/** The ids of all versions, oldest first, by the entry that they follow. */
export function versionsByParent(state: ChatState): ReadonlyMap<number | undefined, readonly number[]> {
  const versions = new Map<number | undefined, number[]>();
  for (const { id, parent } of state.entries) {
    const siblings = versions.get(parent);
    if (siblings) siblings.push(id);
    else versions.set(parent, [id]);
  }
  return versions;
}

/**
 * The conversation as the server wants it, with the empty answers left out. Of a very long one only the latest
 * messages go, from a question on.
 */
export function requestMessages(state: ChatState): readonly ChatMessage[] {
  const messages = shownEntries(state).flatMap(toMessages);
  if (messages.length <= MAX_MESSAGES) return messages;
  const latest = messages.slice(-MAX_MESSAGES);
  return latest.slice(latest.findIndex((message) => message.role === "user"));
}

function toMessages(entry: ChatEntry): readonly ChatMessage[] {
  if (entry.type === "question") return [{ role: "user", content: entry.content }];
  return entry.answer.text === "" ? [] : [{ role: "assistant", content: entry.answer.text }];
}

function addAnswer(state: ChatState, parent: number): ChatState {
  const id = state.nextId;
  const answer: AnswerEntry = { type: "answer", id, parent, status: "waiting", answer: EMPTY_ANSWER };
  return { entries: [...state.entries, answer], leaf: id, nextId: id + 1 };
}

function updateAnswer(state: ChatState, id: number, change: (entry: AnswerEntry) => AnswerEntry): ChatState {
  const index = state.entries.findLastIndex((entry) => entry.id === id);
  const entry = state.entries[index];
  if (entry?.type !== "answer" || !isRunning(entry.status)) return state;
  return { ...state, entries: state.entries.with(index, change(entry)) };
}

/** A failure that said nothing is no version worth keeping once another answer is asked for. */
function withoutEmptyFailures(entries: readonly ChatEntry[], parent: number): readonly ChatEntry[] {
  return entries.filter((entry) => {
    const isFailure = entry.type === "answer" && (entry.status === "failed" || entry.status === "stopped");
    return !(isFailure && entry.parent === parent && entry.answer.text === "" && !entry.answer.reasoning);
  });
}

function newestBelow(entries: readonly ChatEntry[], id: number): number {
  const child = entries.findLast((entry) => entry.parent === id);
  return child === undefined ? id : newestBelow(entries, child.id);
}
