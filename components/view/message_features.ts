/**
 * What the features of a page add to messages. `features.ts` implements it.
 * @module
 */
import type { ToolCall } from "../../protocol/chat_request.ts";
import type { AnswerEntry, ChatEntry, QuestionEntry, ToolResult } from "../chat/chat_state.ts";
import type { CodeWrapper } from "../markdown/markdown_view.ts";
import type { AnswerViewOptions, QuestionViewOptions } from "./message_view.ts";

/** The features, as the transcript uses them. */
export interface MessageFeatures {
  /** Grows when unchanged messages must be rendered again. */
  readonly revision: number;
  /** True if the line above each message shows its time. */
  readonly showsTimes: boolean;
  /** Replaces the views of code blocks. */
  readonly wrapCode: CodeWrapper | undefined;
  /** Replaces the view of a tool call. */
  wrapTool(call: ToolCall, result: ToolResult | undefined, view: unknown): unknown;
  /** Renders further buttons below a message. */
  renderActions(entry: ChatEntry): unknown;
  /** The options of a question that the features replace. */
  question(entry: QuestionEntry): Partial<QuestionViewOptions>;
  /** The options of an answer that the features replace. @param content its rendered text */
  answer(entry: AnswerEntry, content: unknown, isContinued: boolean): Partial<AnswerViewOptions>;
}
