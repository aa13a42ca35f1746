/**
 * How much output an answer may have, where somebody counts what it costs.
 * @module
 */

/** The amount of output of an answer so far. */
export interface OutputAmount {
  /** About one for each token of a provider that streams them singly. */
  readonly events: number;
  /** The UTF-8 bytes of text, reasoning and tool calls. */
  readonly contentBytes: number;
}

/** The output that is paid for. It may grow while the answer comes. */
export interface OutputAllowance {
  /** True while it covers so much output. It is called for every chunk. */
  covers(output: OutputAmount): boolean;
  /** Grows to cover so much output. @throws {ChatError} where it cannot: the answer ends with that error */
  growToCover(output: OutputAmount): Promise<void>;
}
