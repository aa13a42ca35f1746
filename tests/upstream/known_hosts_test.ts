/** What is known about the hosts of providers. */
import { assert, assertEquals } from "@std/assert";
import type { ProviderQuirks } from "../../upstream/chat_events/provider_config.ts";
import { findKnownHost, KNOWN_HOSTS, withHostDefaults } from "../../upstream/known_hosts.ts";

const HOSTS: readonly [baseURL: string, name: string | undefined, quirks: ProviderQuirks][] = [
  ["https://api.openai.com/v1", "OpenAI", { outputLimitField: "max_completion_tokens" }],
  ["https://a.openai.azure.com/openai/deployments/d", "Azure OpenAI", { auth: "api-key" }],
  ["https://a.openai.azure.com/openai/v1", "Azure OpenAI", { auth: "api-key" }],
  ["https://a.services.ai.azure.com/openai/v1", "Azure AI Foundry", { auth: "api-key" }],
  ["https://a.cognitiveservices.azure.com/openai/deployments/d", "Azure Cognitive Services", { auth: "api-key" }],
  ["https://api.anthropic.com/v1", "Anthropic", { api: "anthropic" }],
  ["https://generativelanguage.googleapis.com/v1beta", "Gemini", { api: "gemini" }],
  ["https://generativelanguage.googleapis.com/v1beta/openai", "Gemini, compatible endpoint", {
    thoughtSignatures: true,
  }],
  ["https://openrouter.ai/api/v1", "OpenRouter", { reasoningField: "reasoning" }],
  ["https://api.mistral.ai/v1", "Mistral", { outputLimitField: "max_tokens", streamOptions: false }],
  ["https://api.deepseek.com", "DeepSeek", { reasoningField: "reasoning_content" }],
  ["https://api.groq.com/openai/v1", "Groq", { outputLimitField: "max_completion_tokens" }],
  ["https://api.x.ai/v1", "xAI", { outputLimitField: "max_completion_tokens" }],
  ["https://api.together.xyz/v1", "Together", { outputLimitField: "max_tokens" }],
  ["https://api.fireworks.ai/inference/v1", "Fireworks", { outputLimitField: "max_tokens" }],
  ["https://api.cerebras.ai/v1", "Cerebras", { outputLimitField: "max_completion_tokens" }],
  ["https://api.perplexity.ai", "Perplexity", { streamOptions: false }],
  ["http://localhost:11434/v1", "Ollama", { outputLimitField: "max_tokens" }],
  ["http://192.168.0.7:11434/v1", "Ollama", { outputLimitField: "max_tokens" }],
  ["http://localhost:1234/v1", "LM Studio", { outputLimitField: "max_tokens" }],
  ["http://localhost:8000/v1", "vLLM", { outputLimitField: "max_tokens" }],
  ["http://localhost:8080/v1", "llama.cpp", { outputLimitField: "max_tokens" }],
  ["http://localhost:4000", "LiteLLM", { outputLimitField: "max_tokens" }],
  ["https://evilapi.openai.com.example/v1", undefined, {}],
  ["https://notapi.mistral.ai.example", undefined, {}],
  ["https://llm.example/v1", undefined, {}],
];
for (const [baseURL, name, quirks] of HOSTS) {
  Deno.test(`findKnownHost knows ${baseURL} as ${name}`, () => {
    assertEquals(findKnownHost(baseURL)?.name, name);
    const found = withHostDefaults({ baseURL }) as Readonly<Record<string, unknown>>;
    for (const [field, value] of Object.entries(quirks)) assertEquals(found[field], value, field);
  });
}

Deno.test("withHostDefaults keeps what the operator has written", () => {
  const provider = { baseURL: "https://api.mistral.ai/v1", outputLimitField: "max_completion_tokens" } as const;
  assertEquals(withHostDefaults(provider), { ...provider, streamOptions: false } as unknown);
  const native = { baseURL: "https://api.anthropic.com/v1", api: "chat-completions" } as const;
  assertEquals(withHostDefaults(native), native);
});

Deno.test("every known host has its differences and the page that documents them", () => {
  const tried = new Set(HOSTS.map(([, name]) => name));
  for (const { name, quirks, source } of KNOWN_HOSTS) {
    assert(tried.has(name), `${name} is tried above`);
    assert(Object.keys(quirks).length > 0, name);
    assertEquals(new URL(source).protocol, "https:", name);
  }
});
