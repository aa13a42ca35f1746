import { assertEquals } from "@std/assert";
import { toolTitle } from "../../../components/view/tool_view.ts";

const TITLES: readonly [string, string][] = [
  ["get_weather", "Get weather"],
  ["getWeatherToday", "Get weather today"],
  ["files.read-all", "Files read all"],
  ["größeÄndern", "Größe ändern"],
  ["", ""],
];
for (const [name, title] of TITLES) {
  Deno.test(`toolTitle writes ${name || "an empty name"} in words`, () => assertEquals(toolTitle(name), title));
}

Deno.test("toolTitle prefers the title of the tool", () => {
  assertEquals(toolTitle("add", [{ name: "add", title: "Add to basket", run: () => {} }]), "Add to basket");
});
