/**
 * The connection to Redis: one for commands and one for subscriptions. It loses no request to a Redis that is gone or
 * frozen: a command fails at once while there is no connection, and the first one without a reply in time ends it.
 * @module
 */
import type { RedisClientOptions } from "@redis/client";
import { delay } from "../delay.ts";
import { REDIS_FORMAT } from "./redis_keys.ts";
import { RedisReplyError, RedisUnavailableError } from "./redis_error.ts";

/** How long a command may take, in milliseconds. */
export const COMMAND_DEADLINE_MS = 1500;
/** How often the connection is checked and leases are renewed, in milliseconds. */
export const BEAT_MS = 5000;
/** How often deadlines are checked, in milliseconds. */
const WATCH_MS = 250;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2000;

/** Where Redis is. */
export interface RedisOptions {
  /** A `redis:` or `rediss:` address, perhaps with a password. */
  readonly url: string;
  /** The beginning of all keys and channels. */
  readonly prefix: string;
}

/** A command: its name and arguments. */
export type RedisCommand = readonly (string | Uint8Array)[];

/** Takes a message of a channel. */
export type ChannelListener = (message: Uint8Array<ArrayBuffer>) => void;

/** The clients of a connection that is up. */
interface Link {
  readonly commands: Client;
  /** The same client, with replies as bytes. */
  readonly bytes: Pick<Client, "sendCommand">;
  readonly subscriber: Client;
}

/** What this project uses of the package's client. */
interface Client {
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: "error", listener: (error: Error) => void): unknown;
  sendCommand(command: readonly unknown[]): Promise<unknown>;
  subscribe(channel: string, listener: ChannelListener, asBytes: true): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  withTypeMapping(mapping: Readonly<Record<number, unknown>>): Pick<Client, "sendCommand">;
}

/** A connection that comes back by itself. */
export class RedisConnection implements AsyncDisposable {
  /** The beginning of all keys and channels, with the version of their format. */
  readonly prefix: string;
  readonly #package: typeof import("@redis/client");
  readonly #url: string;
  readonly #channels = new Map<string, ChannelListener>();
  readonly #beats = new Set<(isFirst: boolean) => void>();
  #link: Link | undefined;
  #connecting: Promise<void> = Promise.resolve();
  /** The commands without a reply, in the order in which they were sent. */
  readonly #inFlight = new Set<{ readonly sentAt: number }>();
  #beatTimer: ReturnType<typeof setInterval> | undefined;
  #watchTimer: ReturnType<typeof setInterval> | undefined;
  #changedAt = performance.now();
  #retryMs = FIRST_RETRY_MS;
  #problem: string | undefined;
  readonly #closing = new AbortController();

  private constructor(redis: typeof import("@redis/client"), { url, prefix }: RedisOptions) {
    this.#package = redis;
    this.#url = url;
    this.prefix = `${prefix}${REDIS_FORMAT}:`;
  }

  /** Connects. Where Redis cannot be reached, the connection comes up later. The package is loaded only here. */
  static async open(options: RedisOptions): Promise<RedisConnection> {
    const connection = new RedisConnection(await import("@redis/client"), options);
    await connection.#tryToConnect();
    if (!connection.isUp) connection.#reconnect();
    return connection;
  }

  /** True while commands are sent. */
  get isUp(): boolean {
    return this.#link !== undefined;
  }

  /** How long the connection has been up, or down, in milliseconds. */
  get unchangedMs(): number {
    return performance.now() - this.#changedAt;
  }

  /** Why Redis cannot be used, in a few words without a secret; undefined where it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * Sends a command. Replies are strings, numbers, null and arrays of them.
   * @throws {RedisUnavailableError} at once while there is no connection, or when there is no reply in time. The command
   * may have been carried out all the same.
   * @throws {RedisReplyError} where Redis refused the command
   */
  send(command: RedisCommand): Promise<unknown> {
    return this.#withDeadline((link) => link.commands.sendCommand(command.map(toArgument)));
  }

  /** Sends a command whose reply holds bytes instead of strings. It throws like {@linkcode send}. */
  sendForBytes(command: RedisCommand): Promise<unknown> {
    return this.#withDeadline((link) => link.bytes.sendCommand(command.map(toArgument)));
  }

  /**
   * Receives the messages of a channel, again after each reconnection.
   * @returns when Redis has acknowledged the subscription
   * @throws {RedisUnavailableError} The channel is then subscribed when the connection comes back.
   */
  async subscribe(channel: string, listener: ChannelListener): Promise<void> {
    this.#channels.set(channel, listener);
    await this.#withDeadline((link) => link.subscriber.subscribe(channel, listener, true));
  }

  /** Ends a subscription. */
  unsubscribe(channel: string): void {
    this.#channels.delete(channel);
    if (this.isUp) this.#withDeadline((link) => link.subscriber.unsubscribe(channel)).catch(() => {});
  }

  /**
   * Calls `beat` every {@linkcode BEAT_MS} milliseconds while the connection is up, and whenever it has come up.
   * @param beat gets true where the connection has just come up: what Redis holds may be older, or gone
   */
  onBeat(beat: (isFirst: boolean) => void): void {
    this.#beats.add(beat);
    if (this.isUp) beat(true);
  }

  /** Closes the connection for good. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#beats.clear();
    this.#channels.clear();
    this.#unlink();
    await this.#connecting;
  }

  async #withDeadline<T>(operation: (link: Link) => Promise<T>): Promise<T> {
    const link = this.#link;
    if (link === undefined) throw new RedisUnavailableError();
    const command = { sentAt: performance.now() };
    this.#inFlight.add(command);
    try {
      return await operation(link);
    } catch (error) {
      throw this.#toError(link, error);
    } finally {
      this.#inFlight.delete(command);
    }
  }

  /** Ends a connection that has not replied in time, which fails all of its commands. */
  #watch(link: Link): void {
    const [oldest] = this.#inFlight;
    if (oldest === undefined || performance.now() - oldest.sentAt < COMMAND_DEADLINE_MS) return;
    this.#lose(link, `no reply within ${COMMAND_DEADLINE_MS} ms`);
  }

  #toError(link: Link, error: unknown): Error {
    if (!(error instanceof this.#package.ErrorReply)) {
      this.#lose(link, messageOf(error));
      return new RedisUnavailableError();
    }
    const refusal = new RedisReplyError(error.message);
    if (refusal.refusesWrites) this.#report(`it refuses writes (${refusal.code})`);
    // A former primary, or one that must not be written to: the address may lead to another one by now.
    if (refusal.code === "READONLY") this.#lose(link, this.#problem ?? refusal.code);
    return refusal;
  }

  /** Ends a connection that has failed, and starts to connect again. */
  #lose(link: Link, problem: string): void {
    if (this.#link !== link) return;
    this.#unlink();
    this.#report(problem);
    this.#reconnect();
  }

  #unlink(): void {
    const link = this.#link;
    clearInterval(this.#beatTimer);
    clearInterval(this.#watchTimer);
    this.#link = undefined;
    this.#changedAt = performance.now();
    if (link === undefined) return;
    for (const client of [link.commands, link.subscriber]) destroy(client);
  }

  #reconnect(): void {
    this.#connecting = (async () => {
      while (!this.isUp && !this.#closing.signal.aborted) {
        await delay(this.#retryMs * (0.5 + Math.random() / 2), this.#closing.signal);
        this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
        if (!this.#closing.signal.aborted) await this.#tryToConnect();
      }
    })();
  }

  async #tryToConnect(): Promise<void> {
    const link = this.#createLink();
    try {
      await within(COMMAND_DEADLINE_MS, Promise.all([link.commands.connect(), link.subscriber.connect()]));
      await within(
        COMMAND_DEADLINE_MS,
        Promise.all(
          [...this.#channels].map(([channel, listener]) => link.subscriber.subscribe(channel, listener, true)),
        ),
      );
    } catch (error) {
      for (const client of [link.commands, link.subscriber]) destroy(client);
      return this.#report(messageOf(error));
    }
    if (this.#closing.signal.aborted) return [link.commands, link.subscriber].forEach(destroy);
    this.#link = link;
    this.#changedAt = performance.now();
    // One timer for all commands: one for each would cost as much as the command.
    this.#watchTimer = setInterval(() => this.#watch(link), WATCH_MS);
    this.#beatTimer = setInterval(() => this.#beat(false), BEAT_MS);
    this.#beat(true);
  }

  #createLink(): Link {
    const { createClient, RESP_TYPES } = this.#package;
    const options: RedisClientOptions = {
      url: this.#url,
      disableOfflineQueue: true,
      // The package's own deadline covers the time in its queue only, and costs an AbortSignal for each command.
      commandOptions: { timeout: undefined as unknown as number },
      socket: { reconnectStrategy: false, connectTimeout: COMMAND_DEADLINE_MS },
    };
    const [commands, subscriber] = [0, 1].map(() => createClient(options) as unknown as Client) as [Client, Client];
    const link = { commands, subscriber, bytes: commands.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }) };
    // Without a listener, an error of the socket would end the process.
    for (const client of [commands, subscriber]) client.on("error", (error) => this.#lose(link, messageOf(error)));
    return link;
  }

  /** Checks both clients with a write, and lets others renew what they hold. */
  #beat(isFirst: boolean): void {
    this.#withDeadline((link) => link.subscriber.sendCommand(["PING"])).catch(() => {});
    this.send(["SET", `${this.prefix}probe`, "", "PX", String(BEAT_MS)]).then(() => this.#recover(), () => {});
    for (const beat of this.#beats) beat(isFirst);
  }

  /** A write has succeeded. */
  #recover(): void {
    this.#retryMs = FIRST_RETRY_MS;
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    console.log("Redis can be used again.");
  }

  /** Notes why Redis cannot be used, and says so once in the log. */
  #report(problem: string): void {
    if (this.#closing.signal.aborted) return;
    if (this.#problem === undefined) {
      console.warn(
        `WARNING: Redis cannot be used: ${problem}. Until it can, this process keeps runs and limits in its own memory.`,
      );
    }
    this.#problem = problem;
  }
}

/** The package takes strings and Node's buffers. */
function toArgument(value: string | Uint8Array): string | Buffer {
  return typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** The first line of an error, without anything that may be a secret. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]!.slice(0, 200);
}

function destroy(client: Client): void {
  try {
    client.destroy();
  } catch {
    // It was closed already.
  }
}

/** @throws {RedisUnavailableError} where `operation` has not settled after `ms` milliseconds */
async function within<T>(ms: number, operation: Promise<T>): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new RedisUnavailableError(`no reply within ${ms} ms`)), ms);
  // When the deadline wins, nobody waits for the operation any more.
  operation.catch(() => {});
  try {
    return await Promise.race([operation, expired]);
  } finally {
    clearTimeout(timer);
  }
}
