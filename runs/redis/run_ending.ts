/**
 * Ends a run in Redis from outside of its producer. Redis numbers the terminal event behind the newest one and grants exactly
 * one ending: the terminal entry's id is the highest, so everything that comes later is refused.
 * @module
 */
import { ChatError } from "../../protocol/chat_error.ts";
import { type ChatEvent, formatChatEvent } from "../../protocol/chat_event.ts";
import type { EntryKind } from "./log_entry.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { eventsKey, runChannel, runKey, TERMINAL_ID } from "./redis_keys.ts";

/** The terminal events that another process may write. */
export const FOREIGN_ENDINGS = {
  stopped: { type: "stop", data: "cancelled" },
  lost: {
    type: "error",
    data: new ChatError("StreamChunkError", "The server that produced the answer is gone.", {
      body: { reason: "producer_lost" },
    }).toData(),
  },
} as const satisfies Partial<Record<EntryKind, ChatEvent>>;

/** 0: there is no such run. 1: it had ended. 2: it ends now. */
const SCRIPT = `
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not newest then return 0 end
if newest[1] == ARGV[1] then return 1 end
local number = string.match(newest[1], '^%d+')
local event = 'id: ' .. string.format('%.0f', number + 1) .. ARGV[3]
redis.call('XADD', KEYS[1], ARGV[1], ARGV[2], event)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[2] .. '\\n' .. event)
return 2`;

/**
 * Ends a run, unless it has ended.
 * @param keepMs how long it can be read afterwards, in milliseconds
 * @returns false where Redis has no such run
 * @throws {RedisUnavailableError}
 * @throws {RedisReplyError}
 */
export async function endRun(
  redis: RedisConnection,
  runId: string,
  kind: keyof typeof FOREIGN_ENDINGS,
  keepMs: number,
): Promise<boolean> {
  const { prefix } = redis;
  const event = formatChatEvent(0, FOREIGN_ENDINGS[kind]).slice("id: 0".length);
  const reply = await redis.send([
    ...["EVAL", SCRIPT, "2", eventsKey(prefix, runId), runKey(prefix, runId)],
    ...[TERMINAL_ID, kind, event, String(keepMs), runChannel(prefix, runId)],
  ]);
  return reply !== 0;
}
