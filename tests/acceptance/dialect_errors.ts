/**
 * Runs the recorded error bodies of every dialect through the whole server: each gives the error of its type, with one
 * sentence and nothing that looks like a key.
 * @module
 */
import { CHAT_ERROR_STATUS, type ChatErrorType } from "../../protocol/chat_error.ts";
import type { ProviderApi } from "../../upstream/chat_events/provider_config.ts";
import { DIALECTS } from "../../upstream/dialects.ts";
import { TestServer } from "../test_server.ts";
import { assertSame, readSuite, Suite, type SuiteResult } from "./suite.ts";

interface RecordedError {
  /** Null where only the headers were recorded. */
  readonly file: string | null;
  readonly status: number;
  readonly content_type?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Runs `recordings/<dialect>/errors`, as far as the folder has them. */
export async function runDialectErrors(suitesDir: string): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const api of Object.keys(DIALECTS) as ProviderApi[]) {
    const folder = `recordings/${api}/errors`;
    const index = await readSuite<readonly RecordedError[]>(suitesDir, `${folder}/INDEX.json`);
    if (index === undefined) continue;
    const suite = new Suite(`${api}: error bodies, through the whole server`);
    // All at once, as most of the time is spent waiting for the next attempt.
    await Promise.all(index.map((recorded) =>
      suite.try(recorded.file ?? "a response without its body", async () => {
        const { file } = recorded;
        await check(api, recorded, file === null ? "{}" : await Deno.readTextFile(`${suitesDir}/${folder}/${file}`));
      })
    ));
    results.push(suite.result);
  }
  return results;
}

async function check(
  api: ProviderApi,
  { status, content_type = "application/json", headers }: RecordedError,
  body: string,
): Promise<void> {
  const retry = Object.entries(headers).filter(([name]) => /^(?:retry-after|x-should-retry)/.test(name));
  const head = { "content-type": content_type, ...Object.fromEntries(retry) };
  await using server = new TestServer({ quirks: { api }, script: () => ({ status, headers: head, body: [body] }) });
  const response = await server.chat();
  const answer = await response.json() as { errorType: ChatErrorType; body: { message: string } };
  const type = expectedType(status, body);
  assertSame("the error", [answer.errorType, response.status], [type, CHAT_ERROR_STATUS[type]]);
  if (answer.body.message === "" || /<[a-z!/]|AIza|\*{4}/i.test(answer.body.message)) {
    throw new Error(`the message is ${answer.body.message}`);
  }
}

/** The type by what the provider says, decided in the plainest way. */
function expectedType(status: number, body: string): ChatErrorType {
  if (status === 401 || /API key (?:not valid|provided)|API_KEY_INVALID/i.test(body)) return "InvalidProviderAPIKey";
  if (/credit balance/.test(body) || status === 402) return "InsufficientQuota";
  if (status === 404 || /model_not_found/.test(body)) return "ModelNotFound";
  if (/too long|context window|maximum number of tokens/i.test(body)) return "ExceededContextWindow";
  return status === 429 ? "RateLimitExceeded" : "ProviderBizError";
}
