/**
 * What the server knows about a provider and its models, from the environment or the configuration file.
 * @module
 */

/** A model of a provider. */
export interface ModelConfig {
  /** The model's name at the provider. */
  readonly name: string;
  /** The name that clients see instead. */
  readonly alias?: string;
  /** The most tokens of one answer, whatever a client requests. */
  readonly maxOutputTokens?: number;
}

/** A provider and its models. */
export interface ProviderConfig {
  /** For the operator: clients never see it. */
  readonly name: string;
  /** The address that `/chat/completions` is appended to, such as `https://api.openai.com/v1`. */
  readonly baseURL: string;
  /** The key that is sent to the provider. Absent for one that needs none. */
  readonly apiKey?: string;
  /**
   * The provider answers a repeated `Idempotency-Key` with its first answer, or refuses it. Only then is a request sent
   * again that it may have read. False by default.
   */
  readonly honoursIdempotencyKey?: boolean;
  readonly models: readonly ModelConfig[];
}

/** What is needed to reach a provider. */
export type ProviderAccess = Pick<ProviderConfig, "baseURL" | "apiKey" | "honoursIdempotencyKey">;
