/** Tests of median and quantiles. @module */
import { assertEquals, assertThrows } from "@std/assert";
import { median, quantile } from "../../bench/statistics.ts";

Deno.test("median returns the middle value, or the mean of the middle two", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([4, 1, 2, 9]), 3);
  assertEquals(median([7]), 7);
});

Deno.test("quantile returns one of the values", () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index);
  assertEquals(quantile(values, 0.99), 199);
  assertEquals(quantile(values, 0), 1);
  assertEquals(quantile([3], 0.99), 3);
});

Deno.test("quantile throws when there are no values", () => {
  assertThrows(() => quantile([], 0.5), RangeError);
});
