/**
 * The fields that we read of Gemini's `GenerateContentResponse`. The values come from outside: read them as `Untrusted`.
 * @see https://ai.google.dev/api/generate-content
 * @module
 */

/** One event of a stream. */
export interface GeminiChunk {
  readonly candidates: unknown;
  readonly usageMetadata: GeminiUsage;
  readonly promptFeedback: { readonly blockReason: unknown; readonly blockReasonMessage: unknown };
  readonly error: unknown;
  /** These two say that an event without any other known field is a chunk all the same. */
  readonly modelVersion: unknown;
  readonly responseId: unknown;
}

/** One of the answers of a stream. */
export interface GeminiCandidate {
  readonly index: unknown;
  readonly content: { readonly parts: unknown };
  readonly finishReason: unknown;
  readonly finishMessage: unknown;
  readonly groundingMetadata: GeminiGrounding;
  readonly citationMetadata: { readonly citationSources: unknown; readonly citations: unknown };
}

/** Sources, and where the text cites them. */
export interface GeminiGrounding {
  readonly groundingChunks: unknown;
  readonly groundingSupports: unknown;
  readonly webSearchQueries: unknown;
}

/** A segment of the text and its sources. */
export interface GeminiSupport {
  readonly segment: {
    /** The part of the answer that has the segment. Absent for the first one. */
    readonly partIndex: unknown;
    /** The offset in the part's text, in bytes of UTF-8. */
    readonly endIndex: unknown;
  };
  /** Indexes into `groundingChunks` of the same object. */
  readonly groundingChunkIndices: unknown;
}

/** A part of an answer. It has one of the fields, and `thought` and `thoughtSignature` beside it. */
export interface GeminiPart {
  readonly text: unknown;
  readonly thought: unknown;
  readonly thoughtSignature: unknown;
  readonly functionCall: GeminiFunctionCall;
  readonly inlineData: { readonly mimeType: unknown; readonly data: unknown };
  readonly executableCode: { readonly language: unknown; readonly code: unknown };
  readonly codeExecutionResult: { readonly outcome: unknown; readonly output: unknown };
}

/** A call, or a part of one whose arguments are streamed. */
export interface GeminiFunctionCall {
  readonly id: unknown;
  readonly name: unknown;
  readonly args: unknown;
  readonly partialArgs: unknown;
  /** More of the call follows. */
  readonly willContinue: unknown;
}

/** A value within streamed arguments. It has one of the four value fields. */
export interface GeminiPartialArg {
  readonly jsonPath: unknown;
  readonly stringValue: unknown;
  readonly numberValue: unknown;
  readonly boolValue: unknown;
  readonly nullValue: unknown;
}

/** Token counts so far. `promptTokenCount` includes cached tokens; thoughts and tool results are counted apart. */
export interface GeminiUsage {
  readonly promptTokenCount: unknown;
  readonly candidatesTokenCount: unknown;
  readonly thoughtsTokenCount: unknown;
  readonly toolUsePromptTokenCount: unknown;
  readonly cachedContentTokenCount: unknown;
  readonly totalTokenCount: unknown;
  readonly promptTokensDetails: unknown;
  readonly candidatesTokensDetails: unknown;
}
