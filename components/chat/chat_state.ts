/**
 * The conversation as data, and the one function that changes it. Pure. Entries form a tree: each knows the entry it
 * follows, so an edited question or another answer is a sibling, and nothing said is ever lost. What is shown is the
 * path from the root to `leaf`.
 * @module
 */
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import { type ChatEvent, isTerminal } from "../../protocol/chat_event.ts";
import { type ChatMessage, type ContentPart, MAX_MESSAGES } from "../../protocol/chat_request.ts";

/** How much of a request may be images, in UTF-16 code units: servers take one MiB by default. */
export const MAX_IMAGE_CHARS = 750_000;

/** How far an answer is. `calling` waits for tools of the page, `stopped` is the visitor's doing, `failed` is not. */
export type AnswerStatus = "waiting" | "streaming" | "calling" | "done" | "stopped" | "failed";

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

/** What came back. An answer may follow an answer: it then goes on from the results of the first one's tool calls. */
export interface AnswerEntry extends Placed {
  readonly type: "answer";
  readonly status: AnswerStatus;
  readonly answer: ChatAnswer;
  /** What became of the answer's tool calls, by their ids. */
  readonly results?: Readonly<Record<string, ToolResult>>;
}

/** What became of a tool call that the page runs. */
export interface ToolResult {
  readonly status: "asking" | "running" | "done" | "failed" | "declined";
  /** What the model is told; empty while there is nothing to tell. */
  readonly content: string;
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
  /** `calls` says that the page is going to run the answer's tool calls. */
  | { readonly type: "event"; readonly id: number; readonly event: ChatEvent; readonly calls?: boolean }
  | { readonly type: "tool"; readonly id: number; readonly callId: string; readonly result: ToolResult }
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
    case "answer": {
      const called = updateAnswer(state, action.parent, (entry) => ({ ...entry, status: "done" }));
      return addAnswer({ ...called, entries: withoutEmptyFailures(called.entries, action.parent) }, action.parent);
    }
    case "event":
      return updateAnswer(state, action.id, (entry) => ({
        ...entry,
        answer: reduceChatAnswer(entry.answer, action.event),
        status: statusAfter(action.event, action.calls),
      }));
    case "tool":
      return updateAnswer(state, action.id, (entry) => ({
        ...entry,
        results: { ...entry.results, [action.callId]: action.result },
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
  if (last.status === "stopped") return "done";
  return last.status === "calling" ? "streaming" : last.status;
}

/** True while an answer is on its way. */
export function isRunning(status: AnswerStatus | ChatStatus): boolean {
  return status === "waiting" || status === "streaming" || status === "calling";
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
 * messages go, from a question on, and of many images only the latest.
 */
export function requestMessages(state: ChatState): readonly ChatMessage[] {
  const messages = withoutOldImages(shownEntries(state).flatMap(toMessages));
  if (messages.length <= MAX_MESSAGES) return messages;
  const latest = messages.slice(-MAX_MESSAGES);
  return latest.slice(latest.findIndex((message) => message.role === "user"));
}

/** The messages with a note in the place of each image for which there is no room after the later ones. */
function withoutOldImages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  let chars = 0;
  return messages.toReversed().map((message) => {
    if (!Array.isArray(message.content)) return message;
    const parts: readonly ContentPart[] = message.content;
    const content = parts.toReversed().map((part): ContentPart => {
      if (part.type !== "image_url") return part;
      chars += part.image_url.url.length;
      return chars <= MAX_IMAGE_CHARS ? part : { type: "text", text: "(An earlier image, not sent again.)" };
    });
    return { ...message, content: content.reverse() };
  }).reverse();
}

function toMessages(entry: ChatEntry): readonly ChatMessage[] {
  if (entry.type === "question") return [{ role: "user", content: entry.content }];
  const { answer: { text, tool_calls: calls = [] }, results = {} } = entry;
  const isSettled = calls.length > 0 && calls.every(({ id }) => isSettledResult(results[id]));
  // A call without its result is refused by providers, so it is left out.
  if (!isSettled) return text === "" ? [] : [{ role: "assistant", content: text }];
  return [
    { role: "assistant", content: text === "" ? null : text, tool_calls: calls },
    ...calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: results[id]?.content ?? "" }) as const),
  ];
}

function isSettledResult(result: ToolResult | undefined): boolean {
  return result !== undefined && result.status !== "asking" && result.status !== "running";
}

function statusAfter(event: ChatEvent, calls: boolean | undefined): AnswerStatus {
  if (!isTerminal(event)) return "streaming";
  if (event.type !== "stop") return "failed";
  return calls ? "calling" : "done";
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
