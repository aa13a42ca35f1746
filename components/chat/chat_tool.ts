/**
 * The shape of a tool that a page offers to the model.
 * @module
 */

/** A tool that the page offers to the model and runs itself. */
export interface ChatTool {
  readonly name: string;
  /** What the visitor reads, such as "Add to basket". The default is made from the name. */
  readonly title?: string;
  /** What the tool does, for the model. */
  readonly description?: string;
  /** The JSON Schema of the arguments. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** True to ask the visitor before each run, unless the visitor has allowed all further runs in the conversation. */
  readonly confirm?: boolean;
  /** Runs the tool. The model receives the result, as JSON unless it is a string. */
  run(args: Readonly<Record<string, unknown>>, signal: AbortSignal): unknown;
}
