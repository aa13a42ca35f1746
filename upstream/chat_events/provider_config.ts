/**
 * A provider and its models, as the configuration describes them.
 * @module
 */

/** A model of a provider. */
export interface ModelConfig {
  /** Its name at the provider. */
  readonly name: string;
  /** The name that clients see instead. */
  readonly alias?: string;
  /** The most tokens of one answer. */
  readonly maxOutputTokens?: number;
}

/** A provider's address, credentials and models. */
export interface ProviderConfig {
  readonly name: string;
  /** The address above `chat/completions`, such as `https://api.openai.com/v1`. */
  readonly baseURL: string;
  /** Absent for providers without authentication. */
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
