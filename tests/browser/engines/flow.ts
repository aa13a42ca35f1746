/**
 * What the flows of all engines share: what a flow is, and its first steps.
 * @module
 */
import type { FakeAnswer, FakeChatServer } from "../fake_chat_server.ts";
import type { Shown, Visitor } from "./visitor.ts";

/** What a flow needs. */
export interface FlowTest {
  readonly visitor: Visitor;
  readonly server: FakeChatServer;
}

/** A flow. Its name says what `chat-stream` does. */
export interface Flow {
  readonly name: string;
  run(test: FlowTest): Promise<void>;
}

/** Records what must not happen in a page, for {@linkcode faultsOf}. */
const WATCH = `globalThis.faults = [];
addEventListener("error", ({ message }) => faults.push(message));
addEventListener("unhandledrejection", ({ reason }) => faults.push(String(reason)));
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
  faults.push([violatedDirective, blockedURI, sample].join(" ")));`;

/** Opens a page with the element, under the policy of the project's own pages. */
export async function visit(
  { visitor, server }: FlowTest,
  { attributes = 'mode="page"', root = 'lang="en"', body = "" } = {},
): Promise<void> {
  server.file("/watch.js", WATCH);
  server.page(
    "/",
    `<!doctype html><html ${root}><meta charset="utf-8"><title>Test</title><script src="/watch.js"></script>
    <link rel="stylesheet" href="/page.css"><script type="module" src="/chat-stream.js"></script>
    ${body}<chat-stream ${attributes}></chat-stream>`,
  );
  await visitor.page.open(server.origin);
}

/** The errors and the violations of the policy in the open page. */
export async function faultsOf(visitor: Visitor): Promise<readonly string[]> {
  return await visitor.page.evaluate("globalThis.faults") as readonly string[];
}

/** Sends a question, and returns the answer that the server is asked for. */
export async function ask({ visitor, server }: FlowTest, text: string): Promise<FakeAnswer> {
  await visitor.send(text);
  return await server.nextAnswer();
}

/** What has the focus: its label, or else its id or class. */
export function focused(): string {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.getAttribute("aria-label") ?? (element?.id || element?.className) ?? "";
}

/** True if what has the focus has this label, id or class. */
export function hasFocus(_shown: Shown, name: string): boolean {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return [element?.getAttribute("aria-label"), element?.id, element?.className].includes(name);
}

/** Sends a question, and waits until its answer is complete. */
export async function converse(test: FlowTest, answer: string, question = "A question"): Promise<void> {
  (await ask(test, question)).finish(answer);
  await test.visitor.see("button", "Answer again");
}

/** The text of the message box. */
export function boxText(shown: Shown): string {
  return shown("#box").map((box) => (box as HTMLTextAreaElement).value).join();
}

/** True if the message box has this text. */
export function boxHas(shown: Shown, text: string): boolean {
  return shown("#box").some((box) => (box as HTMLTextAreaElement).value === text);
}
