/**
 * The errors of the chat protocol: their types, the HTTP status of each before the first byte, and the class that is
 * thrown. After the first byte the same types are sent in `error` events.
 * @module
 */

/** The HTTP status of each error type, for responses that have not started. 499 appears only in the log. */
export const CHAT_ERROR_STATUS = {
  InvalidRequestFormat: 400,
  ExceededContextWindow: 400,
  Unauthorized: 401,
  OriginNotAllowed: 403,
  NotFound: 404,
  ModelNotFound: 404,
  RunNotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  EventNotReached: 409,
  EventsGone: 410,
  PayloadTooLarge: 413,
  UnsupportedMediaType: 415,
  IdempotencyKeyReused: 422,
  ClientLeft: 499,
  RateLimitExceeded: 429,
  InternalServerError: 500,
  InvalidProviderAPIKey: 502,
  InsufficientQuota: 502,
  ProviderBizError: 502,
  ProviderContentPolicyViolation: 502,
  ProviderNetworkError: 502,
  StreamChunkError: 502,
  ServerBusy: 503,
  ProviderTimeout: 504,
} as const;

/** The name of an error. It is stable across releases: programs use it to decide what to do. */
export type ChatErrorType = keyof typeof CHAT_ERROR_STATUS;

/** Why a stream broke, as `body.reason` of an error. */
export type ChatErrorReason =
  | "unexpected_end"
  | "invalid_json"
  | "event_too_large"
  | "too_many_tool_calls"
  | "first_byte_timeout"
  | "idle_timeout"
  | "max_duration"
  | "write_stall"
  | "abandoned"
  | "answer_too_large"
  | "producer_lost";

/** Details of an error, for programs and logs. It never contains a secret or a provider's error page. */
export interface ChatErrorBody {
  readonly reason?: ChatErrorReason;
  /** The provider's own code for the failure. */
  readonly code?: string | number;
  readonly finishReason?: string;
  /** The server's environment variable with the limit that was passed, such as `MAX_BODY_BYTES`. */
  readonly setting?: string;
  /** The limit of a request's body, where the body was larger. */
  readonly maxBodyBytes?: number;
  /** The JSON path of the invalid field, such as `messages[2].role`. */
  readonly path?: string;
  readonly [key: string]: unknown;
}

/** An error as the data of an `error` event. */
export interface ChatErrorData {
  readonly type: ChatErrorType;
  /** One plain sentence, safe to show to a visitor. */
  readonly message: string;
  readonly body?: ChatErrorBody;
}

/** A failure that the protocol defines. `routes/app.ts` turns it into a response. */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly type: ChatErrorType;
  readonly body: ChatErrorBody;
  /** When a retry makes sense, in whole seconds from now. */
  readonly retryAfterSeconds: number | undefined;

  /**
   * @param type the stable name
   * @param message one plain sentence, safe to show to a visitor
   * @param options `body`: details for programs; `retryAfterSeconds`: sent as `Retry-After`; `cause`: for the log only
   */
  constructor(
    type: ChatErrorType,
    message: string,
    options: { body?: ChatErrorBody; retryAfterSeconds?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.type = type;
    this.body = options.body ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The HTTP status of this type. */
  get status(): number {
    return CHAT_ERROR_STATUS[this.type];
  }

  /** The error as the data of an `error` event. */
  toData(): ChatErrorData {
    const { type, message, body } = this;
    return Object.keys(body).length === 0 ? { type, message } : { type, message, body };
  }
}
