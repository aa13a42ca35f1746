/** Bodies of proxy mode that could store something at the provider, in every way to write one. */
import { assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { unstored } from "../../routes/unstored.ts";

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function sentOf(path: string, body: string): string {
  return new TextDecoder().decode(unstored(path, bytesOf(body)));
}

for (
  const [name, body] of [
    ["no store", "{}"],
    ["store twice", '{"store":true,"store":false}'],
    ["store with an escape", '{"\\u0073tore":true}'],
    ["store in another case", '{"Store":true,"STORE":1}'],
    ["store as something else than a boolean", '{"store":"true"}'],
  ] as const
) {
  Deno.test(`unstored writes store: false into a body with ${name}`, () => {
    assertEquals(sentOf("responses", body), '{"store":false}');
  });
}

for (const name of ["Previous_Response_Id", "con\\u0076ersation", "BACKGROUND"]) {
  Deno.test(`unstored refuses a body with ${name}`, () => {
    assertThrows(() => sentOf("responses", `{"${name}":"a"}`), ChatError, "needs a response that the provider stores");
  });
}

Deno.test("unstored leaves the bytes of a chat completion without store as they are, its tools' parameters too", () => {
  const body = '{ "seed" : 12345678901234567890, "tools": [{"store": true}] }';
  assertEquals(sentOf("chat/completions", body), body);
});

Deno.test("unstored leaves the bodies of other paths as they are", () => {
  assertEquals(sentOf("embeddings", "store"), "store");
});

for (const body of ["", "[]", "null", "{", '"store"', "\ud800"]) {
  Deno.test(`unstored refuses ${JSON.stringify(body)}, in which a provider could find something else`, () => {
    assertThrows(() => sentOf("responses", body), ChatError, "not a JSON object");
  });
}

Deno.test("unstored refuses a body that nests too deep to be written again", () => {
  const deep = '{"1":'.repeat(100_000) + "1" + "}".repeat(100_000);
  assertThrows(() => sentOf("responses", deep), ChatError, "nested too deep");
});
