/**
 * The relay to several providers: whatever a body looks like, no provider finds another model in it than this server has.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import type { RelayRequest } from "../../upstream/relay.ts";
import { createRelayByModel } from "../../upstream/relay_by_model.ts";

/** A relay to `small`, and to `large` with the alias `smart`, that keeps what it sends. */
function recordingRelay() {
  const sent: RelayRequest[] = [];
  const relay = (request: RelayRequest) => {
    sent.push(request);
    return Promise.resolve(new Response());
  };
  const models = new Map([["small", { name: "small", relay }], ["smart", { name: "large", relay }]]);
  return { relay: createRelayByModel(models), sent };
}

function requestWith(body: Exclude<RelayRequest["body"], undefined>, type = "application/json"): RelayRequest {
  const headers = new Headers({ "content-type": type });
  return { method: "POST", path: "chat/completions", headers, body, signal: new AbortController().signal };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function textOf({ body }: RelayRequest): string {
  return new TextDecoder().decode(body as Uint8Array);
}

Deno.test("createRelayByModel forwards the bytes of a body whose model has the same name at the provider", async () => {
  const { relay, sent } = recordingRelay();
  const body = bytesOf('{ "model" : "small", "seed":12345678901234567890, "text":"\\"model\\": \\u006dodel" }');
  await relay(requestWith(body));
  assertEquals(sent[0]!.body, body);
});

for (
  const [name, body] of [
    ["twice", '{"model":"secret","model":"small"}'],
    ["once with an escape", '{"mod\\u0065l":"secret","model":"small"}'],
    ["once with other escapes", '{"\\u006D\\u006fdel":"secret","model" : "small"}'],
  ] as const
) {
  Deno.test(`createRelayByModel writes a body anew that names its model ${name} besides, so that no parser finds the other`, async () => {
    const { relay, sent } = recordingRelay();
    await relay(requestWith(bytesOf(body)));
    assertEquals(textOf(sent[0]!), '{"model":"small"}');
  });
}

for (const name of ["Model", "MODEL", "mOdel", "\\u004dodel"]) {
  Deno.test(`createRelayByModel refuses a body with a second model named ${name}, as parsers of Go ignore case`, async () => {
    const { relay, sent } = recordingRelay();
    const body = bytesOf(`{"model":"small","${name}":"secret"}`);
    // deno-lint-ignore require-await -- turns a synchronous throw into a rejection
    await assertRejects(async () => relay(requestWith(body)), ChatError, "several models");
    assertEquals(sent, []);
  });
}

Deno.test("createRelayByModel sends JSON as JSON, so that no provider reads a form in it", async () => {
  const { relay, sent } = recordingRelay();
  const body = bytesOf('{"model":"small","user":"&model=secret&"}');
  await relay(requestWith(body, "application/x-www-form-urlencoded; charset=utf-7"));
  assertEquals([sent[0]!.body, sent[0]!.headers.get("content-type")], [body, "application/json"]);
});

Deno.test("createRelayByModel refuses a body that nests too deep to be written with another model's name", async () => {
  const { relay, sent } = recordingRelay();
  const deep = '{"1":'.repeat(100_000) + "1" + "}".repeat(100_000);
  const body = bytesOf(`{"model":"small","model":"small","a":${deep}}`);
  // deno-lint-ignore require-await -- turns a synchronous throw into a rejection
  await assertRejects(async () => relay(requestWith(body)), ChatError, "nested too deep");
  assertEquals(sent, []);
});

const FIELD = '--b\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\n\r\n';
const MODEL = '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nsmall\r\n--b--\r\n';

Deno.test("createRelayByModel takes a form with a hundred fields, and none with more", async () => {
  const { relay, sent } = recordingRelay();
  const type = "multipart/form-data; boundary=b";
  await relay(requestWith(new Blob([FIELD.repeat(99), MODEL]).stream(), type));
  const body = new Blob([FIELD.repeat(100), MODEL]).stream();
  await assertRejects(() => relay(requestWith(body, type)), ChatError, "more than 100 fields");
  assertEquals(sent.length, 1);
});

for (const type of ["application/x-www-form-urlencoded", "multipart/mixed; boundary=b", "multipart/form-data", ""]) {
  Deno.test(`createRelayByModel takes no form of the type "${type}"`, async () => {
    const { relay, sent } = recordingRelay();
    const body = new Blob(["model=small&a".repeat(3)]).stream();
    await assertRejects(() => relay(requestWith(body, type)), ChatError, "not a multipart form");
    assertEquals(sent, []);
  });
}
