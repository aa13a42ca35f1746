/**
 * What the server knows about a provider and its models, from the environment or the configuration file.
 * @module
 */

/** The API that a provider speaks. */
export type ProviderApi = "chat-completions" | "responses" | "anthropic" | "gemini";

/** How the key is sent: as a bearer token, in a header of this name, or not at all. */
export type ProviderAuth = "bearer" | "api-key" | "x-api-key" | "x-goog-api-key" | "none";

/** The field for the most tokens of an answer, in a chat completion request. */
export type OutputLimitField = "max_tokens" | "max_completion_tokens";

/** What a model accepts beside text. */
export type ModelInput = "text" | "image" | "pdf";

/** Fields that are added to the body of each request. Objects are merged, other values replace what is there. */
export type ExtraBody = Readonly<Record<string, unknown>>;

/** A model of a provider. */
export interface ModelConfig {
  /** The model's name at the provider. */
  readonly name: string;
  /** The name that clients see instead. */
  readonly alias?: string;
  /** What it accepts. Clients learn it from `GET /api/models`. */
  readonly input?: readonly ModelInput[];
  /** The most tokens of one answer, whatever a client requests. */
  readonly maxOutputTokens?: number;
  /** Added after the provider's. */
  readonly extraBody?: ExtraBody;
}

/** How a provider's API differs from others. Every field has a default: that of a known host, or a general one. */
export interface ProviderQuirks {
  /** `chat-completions` by default. */
  readonly api?: ProviderApi;
  /** By default what the API documents: `bearer` for OpenAI's. Without a key, `none`. */
  readonly auth?: ProviderAuth;
  /** Headers of each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Parameters in the query of each request. */
  readonly query?: Readonly<Record<string, string>>;
  /** `max_tokens` by default. A refusal that names the field switches to the other. */
  readonly outputLimitField?: OutputLimitField;
  /** Where reasoning goes in a message of the history. By default it is left out. */
  readonly reasoningField?: string;
  /** The signature of a tool call goes back in the field that Gemini has for it. False by default. */
  readonly thoughtSignatures?: boolean;
  /** The provider accepts `stream_options`. True by default; a refusal switches it off. */
  readonly streamOptions?: boolean;
  /** The provider is told what it may cache, where its API has marks for that. True by default. */
  readonly promptCaching?: boolean;
  readonly extraBody?: ExtraBody;
  /**
   * The provider answers a repeated `Idempotency-Key` with its first answer, or refuses it. Only then is a request sent
   * again that it may have read. False by default.
   */
  readonly honoursIdempotencyKey?: boolean;
}

/** A provider and its models. */
export interface ProviderConfig extends ProviderQuirks {
  /** For the operator: clients never see it. */
  readonly name: string;
  /** The address that the API's paths are appended to, such as `https://api.openai.com/v1`. */
  readonly baseURL: string;
  /** The key that is sent to the provider. Absent for one that needs none. */
  readonly apiKey?: string;
  readonly models: readonly ModelConfig[];
}

/** What is needed to reach a provider. */
export type ProviderAccess = Omit<ProviderConfig, "name" | "models">;
