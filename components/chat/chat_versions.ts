/**
 * The versions of the messages: edited questions and regenerated answers are siblings.
 * @module
 */
import type { ChatState } from "./chat_state.ts";

/** The ids of all versions, oldest first, by the id of their parent. */
export function versionsByParent(state: ChatState): ReadonlyMap<number | undefined, readonly number[]> {
  const versions = new Map<number | undefined, number[]>();
  for (const { id, parent } of state.entries) {
    const siblings = versions.get(parent);
    if (siblings) siblings.push(id);
    else versions.set(parent, [id]);
  }
  return versions;
}
