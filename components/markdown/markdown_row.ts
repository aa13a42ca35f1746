/**
 * Parses the rows of tables.
 * @see https://github.github.com/gfm/#tables-extension-
 * @module
 */
import { escapePipes } from "./markdown_math.ts";
import type { Alignment } from "./markdown_nodes.ts";

/** Splits a table row into cells. An escaped pipe, or one in a formula, belongs to its cell. */
export function splitRow(row: string): string[] {
  const cells = escapePipes(row).trim().replace(/^\|/, "").split("|");
  const joined: string[] = [];
  for (const cell of cells) {
    const last = joined.at(-1);
    if (last?.endsWith("\\")) joined[joined.length - 1] = `${last.slice(0, -1)}|${cell}`;
    else joined.push(cell);
  }
  if (joined.length > 1 && joined.at(-1)?.trim() === "") joined.pop();
  return joined.map((cell) => cell.trim());
}

/** Returns the alignment that a cell of the delimiter row sets. */
export function alignment(cell: string): Alignment {
  if (cell.endsWith(":")) return cell.startsWith(":") ? "center" : "right";
  return cell.startsWith(":") ? "left" : undefined;
}
