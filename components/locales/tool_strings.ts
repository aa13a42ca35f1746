/**
 * The English strings of tool calls.
 * @module
 */

/** The strings by name. */
export const TOOL_ENGLISH = {
  toolArguments: "Arguments",
  toolResult: "Result",
  toolAsk: "The assistant wants to use {name}.",
  toolAsking: "waits for you",
  toolRunning: "running",
  toolDone: "done",
  toolFailed: "failed",
  toolDeclined: "declined",
  allow: "Allow",
  decline: "Decline",
  allowAlways: "Always allow in this chat",
  showAll: "Show all",
};
