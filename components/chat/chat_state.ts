/**
 * The conversation as data, and the one function that changes it. Pure. Entries form a tree: each names the entry it
 * follows, so an edited question or a regenerated answer is a sibling and no version is lost. The shown conversation is
 * the path from the root to `leaf`.
 * @module
 */
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import { type ChatEvent, isTerminal } from "../../protocol/chat_event.ts";
import { UNEXPECTED_END } from "../../protocol/chat_event_reader.ts";
import { type ChatMessage, type ContentPart, MAX_MESSAGES } from "../../protocol/chat_request.ts";

/**
 * The number of latest entries whose provider state goes back outside of tool calls. No provider needs more, and servers
 * limit the size of a conversation.
 */
export const RECENT_ENTRIES = 10;

/** The status of an answer. `calling` waits for the page's tools; `stopped` means stopped by the visitor. */
export type AnswerStatus = "waiting" | "streaming" | "calling" | "done" | "stopped" | "failed";

/**
 * The status of the conversation: `idle` before the first question, then that of the last answer. `reconnecting` is a
 * running answer whose connection is lost.
 */
export type ChatStatus = "idle" | "waiting" | "streaming" | "reconnecting" | "done" | "failed";

/** What a continued answer sends to the model after its first part. It is not shown and not kept. */
export const CONTINUE_MESSAGE: ChatMessage = {
  role: "user",
  content: "Your answer was cut off. Continue exactly where it stopped, even within a word. " +
    "Repeat nothing, and write nothing before the continuation.",
};

interface Placed {
  /** Unique in the conversation and not reused after it is cleared. */
  readonly id: number;
  /** The id of the entry before this one; undefined for a first question. */
  readonly parent: number | undefined;
  /** When it was added, in milliseconds since 1970. Absent in conversations of earlier versions. */
  readonly createdAt?: number;
}

/** A message of the visitor. */
export interface QuestionEntry extends Placed {
  readonly type: "question";
  readonly content: string | readonly ContentPart[];
}

/** An answer of the model. It follows a question, or an answer whose tool results it continues from. */
export interface AnswerEntry extends Placed {
  readonly type: "answer";
  readonly status: AnswerStatus;
  readonly answer: ChatAnswer;
  /** The answer has been continued. Its reasoning is then that of several requests, and its signature of the last one. */
  readonly isContinued?: boolean;
  /** The results of the answer's tool calls by call id. */
  readonly results?: Readonly<Record<string, ToolResult>>;
  /** When it ended, in milliseconds since 1970. */
  readonly endedAt?: number;
  /** What the visitor thinks of it. */
  readonly feedback?: ChatFeedback | undefined;
}

/** A rating of an answer. */
export interface ChatFeedback {
  readonly rating: "up" | "down";
  readonly comment?: string;
}

/** The result of a tool call that the page runs. */
export interface ToolResult {
  readonly status: "asking" | "running" | "done" | "failed" | "declined";
  /** What the model receives; empty while the call has not ended. */
  readonly content: string;
}

/** One message of the conversation. */
export type ChatEntry = QuestionEntry | AnswerEntry;

/** A conversation. */
export interface ChatState {
  readonly entries: readonly ChatEntry[];
  /** The id of the last shown entry. */
  readonly leaf: number | undefined;
  readonly nextId: number;
  /** The names of the tools that the visitor allows without being asked. */
  readonly allowedTools?: readonly string[];
}

/** A change of the conversation. */
export type ChatAction =
  /** Adds a question after `parent`, and an empty answer to it. */
  | { readonly type: "question"; readonly parent: number | undefined; readonly content: QuestionEntry["content"] }
  /** Adds an empty answer after `parent`. */
  | { readonly type: "answer"; readonly parent: number }
  /** Adds an event to an answer. `calls` means that the page will run the answer's tool calls. */
  | { readonly type: "event"; readonly id: number; readonly event: ChatEvent; readonly calls?: boolean }
  | { readonly type: "tool"; readonly id: number; readonly callId: string; readonly result: ToolResult }
  | { readonly type: "stop"; readonly id: number }
  /** Reopens an answer that ended early. */
  | { readonly type: "continue"; readonly id: number }
  /** Sets the visitor's rating of an answer; undefined removes it. */
  | { readonly type: "feedback"; readonly id: number; readonly feedback: ChatFeedback | undefined }
  /** Allows all further calls of a tool. */
  | { readonly type: "allow"; readonly tool: string }
  /** Shows the version `id` and the newest entries below it. */
  | { readonly type: "show"; readonly id: number }
  /** Replaces the conversation. Unless `isRunning`, an answer that was running has failed. */
  | { readonly type: "load"; readonly state: ChatState; readonly isRunning: boolean }
  /** Takes over the conversation of another tab. */
  | { readonly type: "follow"; readonly state: ChatState };

/** A conversation without entries. */
export const EMPTY_CHAT: ChatState = { entries: [], leaf: undefined, nextId: 1 };

/** An action with its time in milliseconds since 1970. Without it, entries have no times. */
export type TimedAction = ChatAction & { readonly now?: number };

/** Returns the conversation after `action`. Events and stops for an answer that has ended or is gone are ignored. */
export function reduceChat(state: ChatState, action: TimedAction): ChatState {
  const { now } = action;
  switch (action.type) {
    case "question": {
      const question: QuestionEntry = {
        type: "question",
        id: state.nextId,
        parent: action.parent,
        content: action.content,
        ...createdAt(now),
      };
      return addAnswer(
        { ...state, entries: [...state.entries, question], nextId: question.id + 1 },
        question.id,
        now,
      );
    }
    case "answer": {
      const called = updateAnswer(state, action.parent, (entry) => ({ ...entry, status: "done" }));
      const entries = withoutEmptyFailures(called.entries, action.parent);
      return addAnswer({ ...called, entries }, action.parent, now);
    }
    case "event":
      return updateAnswer(state, action.id, (entry) => ({
        ...entry,
        answer: reduceChatAnswer(entry.answer, action.event),
        status: statusAfter(action.event, action.calls),
        ...(isTerminal(action.event) && now !== undefined && { endedAt: now }),
      }));
    case "tool":
      return updateAnswer(state, action.id, (entry) => ({
        ...entry,
        results: { ...entry.results, [action.callId]: action.result },
      }));
    case "stop":
      return updateAnswer(state, action.id, (entry) => ({ ...entry, status: "stopped" }));
    case "feedback":
      return {
        ...state,
        entries: state.entries.map((entry) => entry.id === action.id ? { ...entry, feedback: action.feedback } : entry),
      };
    case "allow":
      return { ...state, allowedTools: [...new Set([...state.allowedTools ?? [], action.tool])] };
    case "show":
      return { ...state, leaf: newestBelow(state.entries, action.id) };
    case "continue":
      return { ...state, entries: state.entries.map((entry) => entry.id === action.id ? reopen(entry) : entry) };
    case "load": {
      const { entries, leaf, nextId } = action.state;
      const running = action.isRunning ? leaf : undefined;
      return {
        ...action.state,
        entries: entries.map((entry) => entry.id === running ? entry : endRunning(entry)),
        leaf,
        nextId: Math.max(state.nextId, nextId),
      };
    }
    case "follow":
      return { ...action.state, nextId: Math.max(state.nextId, action.state.nextId) };
    default:
      return action satisfies never;
  }
}

/** The shown entries in order. */
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

/** The status of a conversation. */
export function chatStatus(state: ChatState): ChatStatus {
  const last = state.entries.find((entry) => entry.id === state.leaf);
  if (last?.type !== "answer") return "idle";
  if (last.status === "stopped") return "done";
  return last.status === "calling" ? "streaming" : last.status;
}

/** True while an answer is running. */
export function isRunning(status: AnswerStatus | ChatStatus): boolean {
  return status === "waiting" || status === "streaming" || status === "calling" || status === "reconnecting";
}

/** True if the answer ended at its token limit and not at its natural end. */
export function isCutByLength(answer: ChatAnswer): boolean {
  return answer.stop === "length";
}

/** True if the answer has text, but ended before its natural end in a way that another request may continue. */
export function canContinue({ status, answer }: AnswerEntry): boolean {
  if (answer.text === "") return false;
  return status === "stopped" || (status === "done" && isCutByLength(answer)) ||
    (status === "failed" && answer.error?.type !== "ProviderContentPolicyViolation");
}

/** The ids of all versions, oldest first, by the id of their parent. */
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
 * The shown conversation as request messages, without empty answers, and `more` after it. A long conversation is cut to
 * its latest messages, starting at a question, and only the latest provider states are kept.
 */
export function requestMessages(state: ChatState, more: readonly ChatMessage[] = []): readonly ChatMessage[] {
  const shown = shownEntries(state).flatMap((entry, at, path) =>
    toMessages(entry, path[at - 1]?.type === "answer", path.length - at <= RECENT_ENTRIES)
  );
  const messages = [...shown, ...more];
  if (messages.length <= MAX_MESSAGES) return messages;
  const latest = messages.slice(-MAX_MESSAGES);
  return latest.slice(Math.max(0, latest.findIndex(({ role }) => role === "user")));
}

/** True if a shown question has attachments. */
export function hasAttachments(state: ChatState): boolean {
  return shownEntries(state).some((entry) => entry.type === "question" && typeof entry.content !== "string");
}

/** @param isAfterCalls whether the entry continues from the results of tool calls */
function toMessages(entry: ChatEntry, isAfterCalls: boolean, isRecent: boolean): readonly ChatMessage[] {
  if (entry.type === "question") return [{ role: "user", content: entry.content }];
  const { answer, results = {}, isContinued } = entry;
  const { text, tool_calls: calls = [], reasoning = "", reasoning_signature: signature } = answer;
  // Providers reject a call without its result, and state that belongs to a call without the call.
  const areSettled = calls.every(({ id }) => isSettledResult(results[id]));
  const hasCalls = areSettled && calls.length > 0;
  // DeepSeek refuses a conversation without the reasoning of a turn with calls, and others without their state in a loop.
  const isWanted = areSettled && answer.stop && !isContinued &&
    (hasCalls || isAfterCalls ? signature || reasoning : isRecent && signature);
  const message: ChatMessage = {
    role: "assistant",
    content: text || null,
    ...(isWanted && { reasoning: { content: reasoning, ...(signature && { signature }) } }),
    ...(hasCalls && { tool_calls: calls }),
  };
  if (!hasCalls) return text ? [message] : [];
  return [
    message,
    ...calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: results[id]!.content }) as const),
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

function addAnswer(state: ChatState, parent: number, now: number | undefined): ChatState {
  const id = state.nextId;
  const answer: AnswerEntry = {
    type: "answer",
    id,
    parent,
    status: "waiting",
    answer: EMPTY_ANSWER,
    ...createdAt(now),
  };
  return { ...state, entries: [...state.entries, answer], leaf: id, nextId: id + 1 };
}

function createdAt(now: number | undefined): Pick<Placed, "createdAt"> {
  return now === undefined ? {} : { createdAt: now };
}

function updateAnswer(state: ChatState, id: number, change: (entry: AnswerEntry) => AnswerEntry): ChatState {
  const index = state.entries.findLastIndex((entry) => entry.id === id);
  const entry = state.entries[index];
  if (entry?.type !== "answer" || !isRunning(entry.status)) return state;
  return { ...state, entries: state.entries.with(index, change(entry)) };
}

/** The answer without its end and its unfinished tool calls, ready for more text. */
function reopen(entry: ChatEntry): ChatEntry {
  if (entry.type !== "answer") return entry;
  const { stop: _stop, error: _error, tool_calls: _calls, usage: _usage, speed: _speed, ...answer } = entry.answer;
  const { endedAt: _end, ...rest } = entry;
  return { ...rest, status: "streaming", answer, isContinued: true };
}

/** An answer that was running has failed, as nothing reads it any more. */
function endRunning(entry: ChatEntry): ChatEntry {
  if (entry.type !== "answer" || !isRunning(entry.status)) return entry;
  return { ...entry, status: "failed", answer: { ...entry.answer, error: UNEXPECTED_END } };
}

/** Drops failed and stopped answers without content: they are not worth keeping as versions. */
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
