/**
 * What is known about the hosts of providers: one line for each way in which one differs from the general defaults, with the
 * page that says so. What the operator writes wins.
 * @module
 */
import type { ProviderAccess, ProviderQuirks } from "./chat_events/provider_config.ts";

/** A host and its settings. */
export interface KnownHost {
  readonly name: string;
  /** Its domain, of which all subdomains count; for programs on one's own machine undefined. */
  readonly domain?: string;
  /** The port that such a program listens on unless it is told otherwise. */
  readonly port?: string;
  /** How the path of the base address begins. */
  readonly path?: string;
  readonly quirks: ProviderQuirks;
  /** A page, a report or a published client that shows it. */
  readonly source: string;
}

/** The first that matches counts. */
export const KNOWN_HOSTS: readonly KnownHost[] = [
  {
    name: "OpenAI",
    domain: "api.openai.com",
    // The models that reason refuse max_tokens.
    quirks: { outputLimitField: "max_completion_tokens" },
    source: "https://platform.openai.com/docs/api-reference/chat/create#chat-create-max_completion_tokens",
  },
  {
    // Also `/openai/v1/`, which takes the same header. Deployments of older API versions refuse the field, and teach the other.
    name: "Azure OpenAI",
    domain: "openai.azure.com",
    quirks: { auth: "api-key", outputLimitField: "max_completion_tokens" },
    source: "https://github.com/MicrosoftDocs/azure-ai-docs/blob/main/articles/ai-foundry/openai/how-to/reasoning.md",
  },
  {
    name: "Azure AI Foundry",
    domain: "services.ai.azure.com",
    quirks: { auth: "api-key", outputLimitField: "max_completion_tokens" },
    source: "https://github.com/vercel/ai/tree/main/packages/azure",
  },
  {
    name: "Azure Cognitive Services",
    domain: "cognitiveservices.azure.com",
    quirks: { auth: "api-key", outputLimitField: "max_completion_tokens" },
    source: "https://github.com/vercel/ai/tree/main/packages/azure",
  },
  {
    name: "Anthropic",
    domain: "api.anthropic.com",
    quirks: { api: "anthropic" },
    source: "https://www.npmjs.com/package/@anthropic-ai/sdk/v/1.14.0",
  },
  {
    name: "Gemini, compatible endpoint",
    domain: "generativelanguage.googleapis.com",
    path: "/v1beta/openai",
    quirks: { outputLimitField: "max_tokens", thoughtSignatures: true },
    source: "https://github.com/crmne/ruby_llm/issues/591",
  },
  {
    name: "Gemini",
    domain: "generativelanguage.googleapis.com",
    quirks: { api: "gemini" },
    source: "https://www.npmjs.com/package/@google/genai/v/2.32.0",
  },
  {
    name: "OpenRouter",
    domain: "openrouter.ai",
    quirks: { outputLimitField: "max_tokens", reasoningField: "reasoning" },
    source: "https://openrouter.ai/docs/use-cases/reasoning-tokens",
  },
  {
    // It refuses every field that it does not know, max_completion_tokens among them, and counts tokens in every stream.
    name: "Mistral",
    domain: "api.mistral.ai",
    quirks: { outputLimitField: "max_tokens", streamOptions: false },
    source: "https://github.com/editor-code-assistant/eca/issues/231",
  },
  {
    name: "DeepSeek",
    domain: "api.deepseek.com",
    quirks: { outputLimitField: "max_tokens", reasoningField: "reasoning_content" },
    source: "https://api-docs.deepseek.com/guides/thinking_mode",
  },
  {
    name: "Groq",
    domain: "api.groq.com",
    quirks: { outputLimitField: "max_completion_tokens" },
    source: "https://github.com/groq/groq-python/pull/175",
  },
  {
    name: "xAI",
    domain: "api.x.ai",
    quirks: { outputLimitField: "max_completion_tokens" },
    source: "https://github.com/vercel/ai/tree/main/packages/xai",
  },
  {
    name: "Together",
    domain: "api.together.xyz",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://www.npmjs.com/package/together-ai/v/0.52.0",
  },
  {
    name: "Fireworks",
    domain: "api.fireworks.ai",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://github.com/vercel/ai/tree/main/packages/fireworks",
  },
  {
    name: "Cerebras",
    domain: "api.cerebras.ai",
    quirks: { outputLimitField: "max_completion_tokens" },
    source: "https://inference-docs.cerebras.ai/api-reference/chat-completions",
  },
  {
    name: "Perplexity",
    domain: "api.perplexity.ai",
    // It counts tokens in every stream.
    quirks: { outputLimitField: "max_tokens", streamOptions: false },
    source: "https://www.npmjs.com/package/@perplexity-ai/perplexity_ai/v/0.38.5",
  },
  {
    // Its list of fields has max_tokens only. A field that it does not know is ignored: an answer would have no limit.
    name: "Ollama",
    port: "11434",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://docs.ollama.com/api/openai-compatibility",
  },
  {
    name: "LM Studio",
    port: "1234",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://github.com/lmstudio-ai/docs/blob/main/1_developer/3_openai-compat/chat-completions.md",
  },
  {
    name: "vLLM",
    port: "8000",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/openai/chat_completion/protocol.py",
  },
  {
    // It ignored max_completion_tokens until February 2026.
    name: "llama.cpp",
    port: "8080",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://github.com/ggml-org/llama.cpp/pull/19831",
  },
  {
    name: "LiteLLM",
    port: "4000",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://docs.litellm.ai/docs/completion/input",
  },
];

/** The settings of a provider, completed by what is known about its host. */
export function withHostDefaults<P extends ProviderAccess>(provider: P): P {
  return { ...findKnownHost(provider.baseURL)?.quirks, ...provider };
}

/** The host at an address, if it is known. */
export function findKnownHost(baseURL: string): KnownHost | undefined {
  const { hostname, port, pathname } = new URL(baseURL);
  return KNOWN_HOSTS.find((host) =>
    (host.domain === undefined || hostname === host.domain || hostname.endsWith(`.${host.domain}`)) &&
    (host.port === undefined || port === host.port) &&
    (host.path === undefined || pathname.startsWith(host.path))
  );
}
