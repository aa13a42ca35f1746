/**
 * Sends the hostile requests, paths and origins of other projects over real sockets to the program, started with the
 * permissions that users give it. They run in random order, eight at a time, while live streams must go on undisturbed.
 * @module
 */
import { readEnvironment } from "../../config/environment.ts";
import { serverPermissions } from "../../tools/permissions.ts";
import { answerOf, contentChunk, FakeOpenAI, finishChunk, type SeenRequest, sse } from "../fake_openai.ts";
import { eventsOf, textOf } from "../test_server.ts";
import { type RawAnswer, sendRaw, writeRequest } from "./raw_http.ts";
import { assertSame, fromBase64, readSuite, Suite, type SuiteResult } from "./suite.ts";

interface HttpCase {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In base64, as are `body_parts` and `raw_request`. */
  readonly body?: string;
  readonly body_parts?: readonly { readonly base64: string; readonly times: number }[];
  readonly raw_request?: string;
  readonly expect: {
    readonly status?: readonly number[];
    readonly never?: readonly number[];
    readonly or_close?: boolean;
    readonly json_error?: boolean;
  };
}

interface TraversalSuite {
  readonly paths: readonly { readonly path: string }[];
}

interface OriginSuite {
  readonly origins: readonly { readonly origin: string; readonly allowed: boolean }[];
}

/** One case. The order of cases does not matter. */
interface Job {
  readonly suite: Suite;
  readonly name: string;
  readonly check: () => Promise<void>;
}

const ROOT = new URL("../../", import.meta.url).pathname;
const ALLOWED_ORIGIN = "https://app.example.com";
const PROXY_KEY = "an-acceptance-key-0123456789";
const AT_ONCE = 8;
const LIVE_STREAMS = 4;
/** Statuses from 500 that are right for a request with an unknown method or version of HTTP. */
const HONEST_5XX: readonly number[] = [501, 505];

/** Runs `http_bad.json`, `traversal.json` and `origins.json`, as far as they exist. */
export async function run(suitesDir: string): Promise<SuiteResult[]> {
  const bad = await readSuite<readonly HttpCase[]>(suitesDir, "suites/http_bad.json") ?? [];
  const traversal = await readSuite<TraversalSuite>(suitesDir, "suites/traversal.json") ?? { paths: [] };
  const origins = await readSuite<OriginSuite>(suitesDir, "suites/origins.json") ?? { origins: [] };
  const live = new LiveAnswers();
  await using provider = new FakeOpenAI((request) => answer(request, live));
  const start = (allowedOrigins: string) => Program.start(provider.baseURL, allowedOrigins);
  await using server = await start(ALLOWED_ORIGIN);
  await using closed = await start("");
  await using open = await start("*");
  const watchers = Array.from({ length: LIVE_STREAMS }, () => watch(server));
  const suites = {
    bad: new Suite("http_bad.json"),
    traversal: new Suite("traversal.json"),
    origins: new Suite("origins.json"),
    live: new Suite("the live streams beside them, and what reached the provider"),
  };
  const seed = Date.now() % 1_000_000;
  const jobs = shuffle([
    ...bad.map((each) => badJob(suites.bad, each, server)),
    ...traversalJobs(suites.traversal, traversal, server),
    ...originJobs(suites.origins, origins, { server, closed, open }),
  ], seed);
  await inParallel(jobs, () => live.advance());
  live.end();
  const calls = server.calls + closed.calls + open.calls;
  await checkBystanders(suites.live, watchers, provider, calls);
  suites.live.note(`Order: seed ${seed}`);
  return Object.values(suites).map(({ result }) => result).filter(({ total }) => total > 0);
}

/** Live streams get an answer that continues until the end, all others a short one. */
function answer({ body }: SeenRequest, live: LiveAnswers) {
  if (body === undefined) return { headers: { "content-type": "application/json" }, body: ["{}"] };
  return { body: body.user === undefined && body.messages?.[0]?.content === "live" ? live.words() : answerOf("Hello") };
}

/** Answers that count the finished cases, until the last one. */
class LiveAnswers {
  #isOver = false;
  #next = Promise.withResolvers<void>();

  /** Sends the next word of each answer. */
  advance(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  end(): void {
    this.#isOver = true;
    this.advance();
  }

  async *words(): AsyncGenerator<string> {
    for (let count = 0; !this.#isOver; count++) {
      yield* sse(contentChunk(`${count} `));
      if (!this.#isOver) await this.#next.promise;
    }
    yield* sse(finishChunk(), "[DONE]");
  }
}

/** The server in its own process, with the permissions that `deno task start` gives it. */
class Program implements AsyncDisposable {
  readonly port: number;
  /** How many requests the provider must have received. */
  calls = 0;
  readonly #child: Deno.ChildProcess;
  readonly #drained: Promise<void>;

  private constructor(child: Deno.ChildProcess, port: number, output: ReadableStreamDefaultReader<string>) {
    this.#child = child;
    this.port = port;
    this.#drained = drain(output);
  }

  static async start(baseURL: string, allowedOrigins: string): Promise<Program> {
    const env: Record<string, string> = {
      PORT: "0",
      OPENAI_API_KEY: "",
      OPENAI_BASE_URL: baseURL,
      CHAT_MODELS: "*",
      ALLOWED_ORIGINS: allowedOrigins,
      PROXY_KEYS: `acceptance:${PROXY_KEY}`,
    };
    const environment = readEnvironment();
    const permissions = serverPermissions((name) => env[name] ?? environment(name), Deno.readTextFileSync);
    const args = ["run", "--no-check", "--no-prompt", ...permissions, "main.ts"];
    const child = new Deno.Command(Deno.execPath(), { args, env, cwd: ROOT, stdout: "piped", stderr: "null" }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let printed = "";
    while (!/localhost:\d+\n/.test(printed)) printed += (await output.read()).value ?? "";
    return new Program(child, Number(printed.match(/localhost:(\d+)/)![1]), output);
  }

  /** Sends a request without checking or escaping anything in it. */
  async send(...request: Parameters<typeof writeRequest>): Promise<RawAnswer> {
    const answer = await sendRaw(this.port, writeRequest(...request));
    const isPage = answer.headers.get("content-type")?.startsWith("text/html") ?? false;
    if (answer.status === 200 && !isPage) this.calls++;
    return answer;
  }

  /** Sends a good request. @throws {Error} when its answer is wrong */
  async assertAlive(): Promise<void> {
    const response = await this.chat("Hi");
    assertSame("the answer to a good request afterwards", textOf(await eventsOf(response)), "Hello");
  }

  chat(content: string): Promise<Response> {
    this.calls++;
    return fetch(`http://127.0.0.1:${this.port}/api/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ role: "user", content }] }),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#drained;
    await this.#child.status;
  }
}

async function drain(output: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await output.read()).done);
}

function badJob(suite: Suite, each: HttpCase, server: Program): Job {
  return {
    suite,
    name: each.name,
    check: async () => {
      const answer = each.raw_request !== undefined
        ? await sendRaw(server.port, fromBase64(each.raw_request), { isAll: true })
        : await server.send(each.method ?? "GET", each.path ?? "/", headersOf(each), bodyOf(each));
      assertExpected(answer, each.expect);
      await server.assertAlive();
    },
  };
}

/** The suite's requests below /v1 carry no key, but they test what happens behind that check. */
function headersOf({ path, headers = {} }: HttpCase): Record<string, string> {
  return { ...(path?.startsWith("/v1/") && { authorization: `Bearer ${PROXY_KEY}` }), ...headers };
}

function bodyOf({ body, body_parts = [] }: HttpCase): Uint8Array<ArrayBuffer> {
  if (body !== undefined) return fromBase64(body);
  const parts = body_parts.map(({ base64, times }) => ({ bytes: fromBase64(base64), times }));
  const whole = new Uint8Array(parts.reduce((sum, { bytes, times }) => sum + bytes.byteLength * times, 0));
  let offset = 0;
  for (const { bytes, times } of parts) {
    for (let count = 0; count < times; count++, offset += bytes.byteLength) whole.set(bytes, offset);
  }
  return whole;
}

function assertExpected(
  { status, body }: RawAnswer,
  { status: wanted, never = [], or_close, json_error }: HttpCase["expect"],
) {
  if (status === undefined) {
    if (wanted !== undefined && or_close !== true) throw new Error(`closed without a response, expected ${wanted}`);
    return;
  }
  if (wanted !== undefined && !wanted.includes(status)) throw new Error(`status ${status}, expected ${wanted}`);
  if (never.includes(status) || (status >= 500 && !HONEST_5XX.includes(status))) throw new Error(`status ${status}`);
  if (json_error) assertSame("the error's type", typeof JSON.parse(lastChunk(body)).errorType, "string");
}

/** The JSON in a body, whether the body is chunked or not. */
function lastChunk(body: string): string {
  return body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1);
}

function traversalJobs(suite: Suite, { paths }: TraversalSuite, server: Program): Job[] {
  const files = ["etc/passwd", "deno.json"];
  return paths.flatMap(({ path }) => files.map((file) => path.replaceAll("{FILE}", file))).flatMap((path) => {
    const bare = path.replace(/^\/+/, "");
    return [path, `/${bare}`, `/assets/${bare}`, `/v1/models/${bare}`].map((target): Job => ({
      suite,
      name: `GET ${target.slice(0, 80)}`,
      check: async () => {
        const answer = await server.send("GET", target, { authorization: `Bearer ${PROXY_KEY}` });
        assertInside(answer, target.startsWith("/v1/"));
        await server.assertAlive();
      },
    }));
  });
}

/** A path below /v1 that names a model goes to the provider. Any other path gets an error, or one of our pages. */
function assertInside({ status, headers, body }: RawAnswer, isProxy: boolean): void {
  if (/root:|"workspace"/.test(body)) throw new Error(`a file from outside: ${body.slice(0, 80)}`);
  if (status === undefined || [400, 403, 404].includes(status)) return;
  const isPage = headers.get("content-type")?.startsWith("text/html") === true && body.includes("<!doctype html>");
  if (status === 200 && (isPage || (isProxy && lastChunk(body) === "{}"))) return;
  throw new Error(`status ${status}`);
}

function originJobs(
  suite: Suite,
  { origins }: OriginSuite,
  { server, closed, open }: Readonly<Record<"server" | "closed" | "open", Program>>,
): Job[] {
  return origins.flatMap(({ origin, allowed }) =>
    ([["exact", server, allowed], ["none", closed, false], ["*", open, true]] as const).flatMap((
      [setting, program, isAllowed],
    ) =>
      (["POST", "OPTIONS"] as const).map((method): Job => ({
        suite,
        name: `${method} from ${JSON.stringify(origin)}, allowed: ${setting}`,
        check: async () => {
          const preflight = method === "OPTIONS" && { "access-control-request-method": "POST" };
          const headers = { origin, "content-type": "application/json", ...preflight };
          const body = method === "POST" ? '{"messages":[{"role":"user","content":"Hi"}]}' : "";
          const answer = await program.send(method, "/api/chat", headers, new TextEncoder().encode(body));
          assertCors(answer, origin, { isAllowed, isAny: setting === "*" });
          await program.assertAlive();
        },
      }))
    )
  );
}

function assertCors(
  { status, headers }: RawAnswer,
  origin: string,
  { isAllowed, isAny }: { readonly isAllowed: boolean; readonly isAny: boolean },
): void {
  assertSame("Access-Control-Allow-Credentials", headers.get("access-control-allow-credentials"), null);
  // HTTP does not allow such a header, so the server refuses the request before the application sees it.
  // deno-lint-ignore no-control-regex -- the pattern looks for control characters
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(origin)) return assertSame("the status", status, 400);
  assertSame("Vary", headers.get("vary"), "Origin");
  const wanted = isAny ? "*" : isAllowed ? origin : null;
  assertSame("Access-Control-Allow-Origin", headers.get("access-control-allow-origin"), wanted);
  assertSame("the status", status === 200 || status === 204, isAllowed);
}

/** Reads a live stream to its end. */
async function watch(server: Program): Promise<{ readonly text: string; readonly last: string }> {
  const events = await eventsOf(await server.chat("live"));
  return { text: textOf(events), last: events.at(-1)?.type ?? "" };
}

/** Checks that live streams lost nothing, and that the provider received only the requests that it should have. */
async function checkBystanders(
  suite: Suite,
  watchers: readonly ReturnType<typeof watch>[],
  provider: FakeOpenAI,
  calls: number,
): Promise<void> {
  for (const [index, watcher] of watchers.entries()) {
    await suite.try(`live stream ${index + 1}`, async () => {
      const { text, last } = await watcher;
      const words = text.trim().split(" ");
      assertSame("the end", last, "stop");
      assertSame("the words", words.find((word, count) => word !== String(count)), undefined);
      suite.note(`Live stream ${index + 1}: ${words.length} words, none missing`);
    });
  }
  await suite.try("the provider's paths", () => {
    const strange = provider.requests.map(({ path }) => path).filter((path) => !isProviderPath(path));
    assertSame("other paths that it received", strange, []);
  });
  await suite.try("the provider's count", () => {
    assertSame("the number of requests", provider.requests.length, calls);
    suite.note(`The provider received ${calls} requests: one for each answer, and none that was refused`);
  });
}

function isProviderPath(path: string): boolean {
  return path === "/v1/chat/completions" || /^\/v1\/models(\/[\w.%-]+)?$/.test(path);
}

/** Puts the jobs into an order that depends on the seed only. */
function shuffle(jobs: Job[], seed: number): Job[] {
  let state = seed;
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  return jobs.map((job) => [random(), job] as const).sort(([a], [b]) => a - b).map(([, job]) => job);
}

async function inParallel(jobs: readonly Job[], onDone: () => void): Promise<void> {
  const queue = jobs[Symbol.iterator]();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const { suite, name, check } of queue) {
      await suite.try(name, check);
      onDone();
    }
  }));
}
