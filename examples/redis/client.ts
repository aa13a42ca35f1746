/**
 * A client that takes an answer up again when its connection is lost, in as little code as that takes.
 * @module
 */

/** How long a run that is not found may still appear: the lease of a process and a second, in milliseconds. */
const FIND_MS = 16_000;
const RETRY_MS = 250;

/** Asks a question, and reads the answer. */
export async function start(origin: string, question: string): Promise<Client> {
  const response = await fetch(`${origin}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: question }], resumable: true }),
  });
  const client = new Client(origin, response.headers.get("content-location")!);
  client.take(response);
  return client;
}

/** Reads an answer that somebody else has begun. */
export async function follow(origin: string, path: string): Promise<Client> {
  const client = new Client(origin, path);
  await client.connect();
  return client;
}

/** One reader. */
export class Client {
  /** The address of the answer. */
  readonly path: string;
  /** The server that the connection leads to. */
  server = "";
  connections = 0;
  /** The events as they came. */
  wire = "";
  readonly #origin: string;
  #reader: ReadableStreamDefaultReader<string> | undefined;
  /** The server has lost events that came here. */
  #isGone = false;
  /** The beginning of an event whose end has not come yet. */
  #rest = "";

  constructor(origin: string, path: string) {
    this.#origin = origin;
    this.path = path;
  }

  /** The number of events. */
  get events(): number {
    return this.wire.split("\n\n").length - 1;
  }

  /** The text of the answer. */
  get text(): string {
    return Array.from(this.wire.matchAll(/event: text\ndata: (.*)\n/g), ([, data]) => JSON.parse(data!)).join("");
  }

  /** The terminal event, or what stands for it; undefined while there is none. */
  get ending(): string | undefined {
    if (this.#isGone) return "410, the newest events were lost with their server: an error, and no finished answer";
    return /event: ((?:stop|error)\ndata: .*)\n\n$/.exec(this.wire)?.[1]?.replace("\ndata:", "");
  }

  /** Connects, after the last event that is here. A server that does not know the answer yet is asked again. */
  async connect(): Promise<void> {
    for (const giveUpAt = Date.now() + FIND_MS;;) {
      const response = await fetch(this.#origin + this.path, { headers: { "last-event-id": String(this.events) } })
        .catch(() => undefined);
      if (response?.status === 200) return this.take(response);
      await response?.body?.cancel();
      if (response?.status === 410) {
        this.#isGone = true;
        return;
      }
      if (Date.now() > giveUpAt) throw new Error(`The answer cannot be found: ${response?.status}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Reads from a response. */
  take(response: Response): void {
    this.server = response.headers.get("x-server")?.split(", ").at(-1) ?? "";
    this.connections++;
    this.#rest = "";
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Reads until there are so many events, or the answer has ended. */
  async read(events: number): Promise<void> {
    while (this.events < events && this.ending === undefined) {
      const { done, value = "" } = await this.#reader!.read().catch(() => ({ done: true, value: "" }));
      if (done) await this.connect();
      else this.#add(value);
    }
  }

  /** Reads until the answer has ended. */
  async finish(): Promise<this> {
    await this.read(Infinity);
    return this;
  }

  /** Closes the connection. */
  async leave(): Promise<void> {
    await this.#reader?.cancel();
  }

  /** Only whole events count: one that was cut comes again. */
  #add(chunk: string): void {
    const received = (this.#rest + chunk).replaceAll(": ping\n", "");
    const end = received.lastIndexOf("\n\n") + 1;
    this.wire += end === 0 ? "" : received.slice(0, end + 1);
    this.#rest = end === 0 ? received : received.slice(end + 1);
  }
}
