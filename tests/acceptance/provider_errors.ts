/**
 * What providers and the proxies before them answer when they fail, through the whole server: one well-formed error of the
 * right type and status, few attempts, the wait passed on, and nothing of the page, the headers or a key shown.
 * @module
 */
import { CHAT_ERROR_STATUS, type ChatErrorType } from "../../protocol/chat_error.ts";
import { MAX_RETRIES, MAX_RETRY_WAIT_SECONDS } from "../../upstream/sdk_client.ts";
import { DEFAULT_RETRY_AFTER_SECONDS, MAX_RETRY_AFTER_SECONDS } from "../../upstream/chat_events/provider_error.ts";
import { answerOf } from "../fake_openai.ts";
import { TestServer } from "../test_server.ts";
import { readWire } from "../upstream/answer_of.ts";
import { assertSame, fromBase64, readSuite, Suite, type SuiteResult } from "./suite.ts";

/** A provider's answer. */
interface Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface SuiteFailure {
  readonly name: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** In base64, as is the next: a whole HTTP answer with its head. */
  readonly body?: string;
  readonly raw_response?: string;
}

interface RecordedFailure {
  readonly file: string;
  readonly status: number;
  readonly content_type: string;
  readonly retry_after: string | null;
}

interface RetrySuite {
  readonly clock: string;
  readonly cases: readonly { readonly headers: Readonly<Record<string, string>> }[];
  readonly more: readonly { readonly headers: Readonly<Record<string, string>> }[];
}

const KEY = "sk-acceptance-0123456789-abcdefghij";

/** Runs `upstream_errors.json`, the recorded errors and `retry_after.json`, as far as the folder has them. */
export async function run(suitesDir: string): Promise<SuiteResult[]> {
  const failures = await readSuite<{ readonly responses: readonly SuiteFailure[] }>(
    suitesDir,
    "suites/upstream_errors.json",
  );
  const recorded = await readSuite<readonly RecordedFailure[]>(suitesDir, "recordings/errors/INDEX.json");
  const retries = await readSuite<RetrySuite>(suitesDir, "suites/retry_after.json");
  const results = [
    failures && runFailures("upstream_errors.json", failures.responses.map((each) => [each.name, read(each)])),
    recorded &&
    runFailures("recorded errors", await Promise.all(recorded.map((each) => readRecorded(suitesDir, each)))),
    retries && runRetries(retries),
  ];
  return (await Promise.all(results)).filter((result) => result !== undefined);
}

function read({ status = 200, headers = {}, body = "", raw_response }: SuiteFailure): Failure {
  const decoder = new TextDecoder();
  if (raw_response === undefined) return { status, headers, body: decoder.decode(fromBase64(body)) };
  const [head = "", ...rest] = decoder.decode(fromBase64(raw_response)).split("\r\n\r\n");
  const [start = "", ...lines] = head.split("\r\n");
  // Whether the connection stays open is between the two of them.
  const fields = lines.map((line) => line.split(/: */, 2)).filter(([name]) => !/^connection$/i.test(name!));
  return { status: Number(start.split(" ")[1]), headers: Object.fromEntries(fields), body: rest.join("\r\n\r\n") };
}

async function readRecorded(
  suitesDir: string,
  { file, status, content_type, retry_after }: RecordedFailure,
): Promise<[string, Failure]> {
  const headers = { "content-type": content_type, ...(retry_after !== null && { "retry-after": retry_after }) };
  return [file, { status, headers, body: await Deno.readTextFile(`${suitesDir}/recordings/${file}`) }];
}

/** All at once, as most of the time is spent waiting for the next attempt. */
async function runFailures(
  name: string,
  failures: readonly (readonly [name: string, failure: Failure])[],
): Promise<SuiteResult> {
  const suite = new Suite(name);
  await Promise.all(failures.map(([each, failure]) => suite.try(each, () => checkFailure(failure))));
  return suite.result;
}

async function checkFailure(failure: Failure): Promise<void> {
  await using server = new TestServer({ apiKey: KEY, script: () => ({ ...failure, body: [failure.body] }) });
  const response = await server.chat();
  const text = await response.text();
  checkSilence(failure, response.headers, text);
  const { length: attempts } = server.provider.requests;
  if (attempts > MAX_RETRIES + 1) throw new Error(`the provider was asked ${attempts} times`);
  if (failure.status >= 200 && failure.status < 300 && response.ok) checkInBand(text);
  else checkAnswer(response, text, expectedType(failure));
  await checkAlive(server);
}

/** A stream was promised and is broken: told inside of it. */
function checkInBand(text: string): void {
  assertSame("the last event", readWire(text).at(-1)?.type, "error");
}

function checkAnswer(response: Response, text: string, type: ChatErrorType): void {
  assertSame("the content type", response.headers.get("content-type"), "application/json");
  const answer = JSON.parse(text) as { errorType: string; body: { message: unknown } };
  assertSame("the error", [answer.errorType, response.status], [type, CHAT_ERROR_STATUS[type]]);
  if (typeof answer.body.message !== "string" || answer.body.message === "") {
    throw new Error("the error has no message");
  }
  assertSame("Retry-After", response.headers.has("retry-after"), type === "RateLimitExceeded");
}

/** The type by what the provider says, decided in the plainest way. */
function expectedType({ status, body }: Failure): ChatErrorType {
  if (/insufficient_quota/.test(body) || status === 402) return "InsufficientQuota";
  if (/invalid_api_key/.test(body) || status === 401) return "InvalidProviderAPIKey";
  if (/model_not_found/.test(body)) return "ModelNotFound";
  if (status === 429) return "RateLimitExceeded";
  if (status === 400 && /context.{0,10}(?:length|window|size)/i.test(body)) return "ExceededContextWindow";
  return "ProviderBizError";
}

/** Nothing of the provider's page, of its headers or of a key, masked or not, is in the answer. */
function checkSilence({ headers, body }: Failure, ours: Headers, text: string): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^(?:content-type|retry-after|cache-control)/i.test(name) && ours.get(name) === value) {
      throw new Error(`the header ${name} is passed on`);
    }
  }
  for (const secret of [KEY, ...body.match(/\S*\*{4,}\S*/g) ?? []]) {
    if (text.includes(secret)) throw new Error("a key is passed on");
  }
  const isJson = /^\s*[{[]/.test(body);
  for (const line of isJson ? [] : body.split(/\r?\n/)) {
    if (line.length > 8 && text.includes(line)) throw new Error(`the page is passed on: ${line}`);
  }
  if (/<[a-z!/]/i.test(text)) throw new Error(`markup is passed on: ${text}`);
}

async function checkAlive(server: TestServer): Promise<void> {
  server.provider.script = () => ({ body: answerOf("fine") });
  const response = await server.chat();
  assertSame("the answer after it", readWire(await response.text()).at(-1)?.type, "stop");
}

async function runRetries({ clock, cases, more }: RetrySuite): Promise<SuiteResult> {
  const suite = new Suite("retry_after.json");
  const [, then] = /(\d{10})/.exec(clock) ?? [];
  await Promise.all([...cases, ...more].map(({ headers }) => {
    return suite.try(JSON.stringify(headers), () => checkRetries(headers, Number(then) * 1000));
  }));
  return suite.result;
}

/** An overloaded provider that asks for a wait: is it kept, passed on, and given up where it is too long? */
async function checkRetries(headers: Readonly<Record<string, string>>, then: number): Promise<void> {
  const times: number[] = [];
  const shifted = shiftDate(headers, then);
  await using server = new TestServer({
    script: () => {
      times.push(performance.now());
      return { status: 429, headers: { "content-type": "application/json", ...shifted }, body: ["{}"] };
    },
  });
  const asked = askedSeconds(headers, then);
  const response = await server.chat();
  checkAnswer(response, await response.text(), "RateLimitExceeded");
  const passedOn = Number(response.headers.get("retry-after"));
  const wanted = asked ?? DEFAULT_RETRY_AFTER_SECONDS;
  // A date is a second away from now only until it has passed.
  if (passedOn > Math.ceil(wanted) || passedOn < wanted - 2) {
    throw new Error(`Retry-After is ${passedOn}, expected ${wanted}`);
  }
  const isTooLong = asked !== undefined && asked > MAX_RETRY_WAIT_SECONDS;
  assertSame("the attempts", times.length, isTooLong ? 1 : MAX_RETRIES + 1);
  for (let at = 1; at < times.length; at++) {
    const waited = (times[at]! - times[at - 1]!) / 1000;
    // Without a wait asked for, half a second that doubles, less a quarter at random.
    const least = asked ?? 0.5 * 2 ** (at - 1) * 0.75;
    if (waited < least - 0.05) {
      throw new Error(`attempt ${at + 1} came after ${waited.toFixed(2)} s, expected ${least}`);
    }
  }
}

/** The suite's dates are around a moment in the past: they are moved to be around now. */
function shiftDate(headers: Readonly<Record<string, string>>, then: number): Record<string, string> {
  const value = headers["retry-after"] ?? "";
  const date = isHttpDate(value) ? Date.parse(value) : NaN;
  if (Number.isNaN(date)) return { ...headers };
  return { ...headers, "retry-after": new Date(Date.now() + date - then).toUTCString() };
}

function isHttpDate(value: string): boolean {
  return /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value);
}

/** The wait that the headers name, in seconds, or undefined where they name none that makes sense. */
function askedSeconds(headers: Readonly<Record<string, string>>, then: number): number | undefined {
  const { "retry-after-ms": milliseconds = "", "retry-after": value = "" } = headers;
  const seconds = /^\d+$/.test(milliseconds)
    ? Number(milliseconds) / 1000
    : /^\d+$/.test(value)
    ? Number(value)
    : isHttpDate(value)
    ? (Date.parse(value) - then) / 1000
    : NaN;
  return seconds > 0 && seconds <= MAX_RETRY_AFTER_SECONDS ? seconds : undefined;
}
