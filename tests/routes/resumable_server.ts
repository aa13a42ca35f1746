/**
 * A server for tests of resumable runs, and requests to it.
 * @module
 */
import { DEFAULT_RESUME_LIMITS, type ResumeLimits } from "../../runs/resumable_runs.ts";
import { TestServer, type TestServerOptions } from "../test_server.ts";

export const QUESTION = { messages: [{ role: "user", content: "Hi" }], resumable: true };
export const WORDS = ["Grüße ", "👩‍👩‍👧 ", "€ ", "日本語"];
export const SECRET = { secret: "a-secret-for-tests-0123456789abcdef" };

/** The number of steps until the provider has sent everything. */
export const ALL = WORDS.length + 2;

export function serverWith(resume: Partial<ResumeLimits> = {}, options: TestServerOptions = {}): TestServer {
  return new TestServer({ resume: { ...DEFAULT_RESUME_LIMITS, ...resume }, ...options });
}

export async function start(server: TestServer, init?: RequestInit): Promise<{ response: Response; url: string }> {
  const response = await server.chat(QUESTION, init);
  return { response, url: server.origin + response.headers.get("content-location") };
}

export function follow(url: string, after?: number | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers: { ...headers, ...(after !== undefined && { "last-event-id": String(after) }) } });
}

export async function errorOf(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json()).errorType];
}

/** The part of a stream after an event. */
export function wireAfter(wire: string, event: number): string {
  return wire.split(/(?<=\n\n)/).slice(event).join("");
}
