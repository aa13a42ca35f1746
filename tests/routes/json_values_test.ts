/** Tests which fault of a JSON document is reported, and with which message. */
import { assertEquals } from "@std/assert";
import * as v from "valibot";
import {
  JSON_OBJECT,
  type JsonFault,
  jsonFault,
  keyMessage,
  NAME,
  POSITIVE_INTEGER,
} from "../../routes/json_values.ts";

const entries = { name: NAME, size: v.exactOptional(POSITIVE_INTEGER) };
const STRICT = v.pipe(JSON_OBJECT, v.strictObject(entries, keyMessage(entries)));
const LIST = v.array(v.union([NAME, STRICT], "a name or an object"), "an array");

function faultOf(document: unknown): JsonFault {
  return jsonFault(v.safeParse(LIST, document, { abortPipeEarly: true }).issues ?? [], document);
}

const FAULTS: readonly [what: string, document: unknown, fault: JsonFault][] = [
  ["the document itself", null, { path: "", problem: "must be an array, found null" }],
  ["a union whose options all differ", [true], { path: "[0]", problem: "must be a name or an object, found true" }],
  ["a field inside a union's option", ["a", { name: "b", size: -1 }], {
    path: "[1].size",
    problem: "must be a whole number above 0, found the number -1",
  }],
  ["a missing key", [{}], { path: "[0].name", problem: "must be a string of 1 to 256 characters, found nothing" }],
  ["an unknown key before a missing one", [{ nmae: "a" }], {
    path: "[0].nmae",
    problem: "is not a known key, known are name, size",
  }],
  ["an unknown key before an earlier fault", [7, { name: "a", x: 1 }], {
    path: "[1].x",
    problem: "is not a known key, known are name, size",
  }],
  ["a string by its length", ["a", { name: "x".repeat(257) }], {
    path: "[1].name",
    problem: "must be a string of 1 to 256 characters, found a string of 257 characters",
  }],
];

for (const [what, document, fault] of FAULTS) {
  Deno.test(`jsonFault reports ${what}`, () => assertEquals(faultOf(document), fault));
}
