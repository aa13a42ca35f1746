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
  /** Where that is documented or reported. */
  readonly source: string;
  /** True where the source has been read and says so; false where it is only where to look. */
  readonly isConfirmed: boolean;
}

/** The first that matches counts. */
export const KNOWN_HOSTS: readonly KnownHost[] = [
  {
    name: "OpenAI",
    domain: "api.openai.com",
    // The models that reason refuse max_tokens.
    quirks: { outputLimitField: "max_completion_tokens" },
    source: "https://platform.openai.com/docs/api-reference/chat/create#chat-create-max_completion_tokens",
    isConfirmed: true,
  },
  {
    // Also `/openai/v1/`, which takes the same header. Deployments of older API versions refuse the field, and teach the other.
    name: "Azure OpenAI",
    domain: "openai.azure.com",
    quirks: { auth: "api-key", outputLimitField: "max_completion_tokens" },
    source: "https://learn.microsoft.com/azure/ai-services/openai/reference#chat-completions",
    isConfirmed: false,
  },
  {
    name: "Azure AI Foundry",
    domain: "services.ai.azure.com",
    quirks: { auth: "api-key", outputLimitField: "max_completion_tokens" },
    source: "https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle",
    isConfirmed: false,
  },
  {
    name: "Azure Cognitive Services",
    domain: "cognitiveservices.azure.com",
    quirks: { auth: "api-key", outputLimitField: "max_completion_tokens" },
    source: "https://learn.microsoft.com/azure/ai-services/openai/how-to/switching-endpoints",
    isConfirmed: false,
  },
  {
    name: "Anthropic",
    domain: "api.anthropic.com",
    quirks: { api: "anthropic" },
    source: "https://docs.anthropic.com/en/api/messages",
    isConfirmed: false,
  },
  {
    name: "Gemini, compatible endpoint",
    domain: "generativelanguage.googleapis.com",
    path: "/v1beta/openai",
    quirks: { outputLimitField: "max_tokens", thoughtSignatures: true },
    source: "https://ai.google.dev/gemini-api/docs/thought-signatures#openai-compatible",
    isConfirmed: false,
  },
  {
    name: "Gemini",
    domain: "generativelanguage.googleapis.com",
    quirks: { api: "gemini" },
    source: "https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent",
    isConfirmed: false,
  },
  {
    name: "OpenRouter",
    domain: "openrouter.ai",
    quirks: { outputLimitField: "max_tokens", reasoningField: "reasoning" },
    source: "https://openrouter.ai/docs/use-cases/reasoning-tokens",
    isConfirmed: true,
  },
  {
    // It refuses every field that it does not know, max_completion_tokens among them, and counts tokens in every stream.
    name: "Mistral",
    domain: "api.mistral.ai",
    quirks: { outputLimitField: "max_tokens", streamOptions: false },
    source: "https://github.com/editor-code-assistant/eca/issues/231",
    isConfirmed: true,
  },
  {
    name: "DeepSeek",
    domain: "api.deepseek.com",
    quirks: { outputLimitField: "max_tokens", reasoningField: "reasoning_content" },
    source: "https://api-docs.deepseek.com/guides/thinking_mode",
    isConfirmed: true,
  },
  {
    name: "Groq",
    domain: "api.groq.com",
    quirks: { outputLimitField: "max_completion_tokens" },
    source: "https://github.com/groq/groq-python/pull/175",
    isConfirmed: true,
  },
  {
    name: "xAI",
    domain: "api.x.ai",
    quirks: { outputLimitField: "max_completion_tokens" },
    source: "https://docs.x.ai/docs/api-reference#chat-completions",
    isConfirmed: false,
  },
  {
    name: "Together",
    domain: "api.together.xyz",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://docs.together.ai/reference/chat-completions-1",
    isConfirmed: false,
  },
  {
    name: "Fireworks",
    domain: "api.fireworks.ai",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://docs.fireworks.ai/api-reference/post-chatcompletions",
    isConfirmed: false,
  },
  {
    name: "Cerebras",
    domain: "api.cerebras.ai",
    quirks: { outputLimitField: "max_completion_tokens" },
    source: "https://inference-docs.cerebras.ai/api-reference/chat-completions",
    isConfirmed: true,
  },
  {
    name: "Perplexity",
    domain: "api.perplexity.ai",
    // It counts tokens in every stream.
    quirks: { outputLimitField: "max_tokens", streamOptions: false },
    source: "https://docs.perplexity.ai/api-reference/chat-completions-post",
    isConfirmed: false,
  },
  {
    // Its list of fields has max_tokens only. A field that it does not know is ignored: an answer would have no limit.
    name: "Ollama",
    port: "11434",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://docs.ollama.com/api/openai-compatibility",
    isConfirmed: true,
  },
  {
    name: "LM Studio",
    port: "1234",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://lmstudio.ai/docs/developer/openai-compat/chat-completions",
    isConfirmed: false,
  },
  {
    name: "vLLM",
    port: "8000",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
    isConfirmed: false,
  },
  {
    // It ignored max_completion_tokens until February 2026.
    name: "llama.cpp",
    port: "8080",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://github.com/ggml-org/llama.cpp/pull/19831",
    isConfirmed: true,
  },
  {
    name: "LiteLLM",
    port: "4000",
    quirks: { outputLimitField: "max_tokens" },
    source: "https://docs.litellm.ai/docs/completion/input",
    isConfirmed: false,
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
