/**
 * The fields that we read of a provider's chunk, each with the page that documents it. The values are not trusted: code
 * that reads them wraps these types in {@linkcode Untrusted}, which makes every value `unknown`.
 * @module
 */

/** A chunk as OpenAI documents it, with the additions of other providers. */
export interface OpenAIChunk {
  /** https://platform.openai.com/docs/api-reference/chat-streaming/streaming#choices */
  readonly choices: readonly OpenAIChoice[];
  /** https://platform.openai.com/docs/api-reference/chat-streaming/streaming#usage */
  readonly usage: OpenAIUsage;
  /** Groq: usage, or the reason of an early stop. https://console.groq.com/docs/api-reference#chat-create */
  readonly x_groq: { readonly usage: OpenAIUsage; readonly error: string };
  /** OpenRouter, Groq, vLLM: a failure inside a 200 response. https://openrouter.ai/docs/api-reference/errors */
  readonly error: unknown;
  /** Perplexity and xAI: URLs. https://docs.perplexity.ai/api-reference/chat-completions-post */
  readonly citations: readonly string[];
  /** Perplexity: the same with titles. https://docs.perplexity.ai/api-reference/chat-completions-post */
  readonly search_results: readonly { readonly title: string; readonly url: string }[];
  /** Hunyuan: https://cloud.tencent.com/document/product/1729/105701 */
  readonly search_info: { readonly search_results: readonly { readonly title: string; readonly url: string }[] };
  /** Zhipu: `link` instead of `url`. https://docs.bigmodel.cn/cn/guide/tools/web-search */
  readonly web_search: readonly { readonly title: string; readonly link: string }[];
  /** MiniMax: a code other than 0 is a failure. https://platform.minimax.io/docs/api-reference/text-openai-api */
  readonly base_resp: { readonly status_code: number; readonly status_msg: string };
}

/** One of the requested answers. We request one. */
export interface OpenAIChoice {
  /** https://platform.openai.com/docs/api-reference/chat-streaming/streaming#choices-index */
  readonly index: number;
  readonly delta: OpenAIDelta;
  /** A provider that ignored `stream: true` sends the whole message. https://platform.openai.com/docs/api-reference/chat/object */
  readonly message: OpenAIDelta;
  /** https://platform.openai.com/docs/api-reference/chat-streaming/streaming#choices-finish_reason */
  readonly finish_reason: string | null;
  /** The content in the older completions API. https://platform.openai.com/docs/api-reference/completions/object */
  readonly text: string;
  /** Moonshot sends usage here. https://platform.moonshot.ai/docs/api/chat */
  readonly usage: OpenAIUsage;
}

/** What a chunk adds to an answer. */
export interface OpenAIDelta {
  /** A string; Mistral also sends content parts. https://docs.mistral.ai/capabilities/reasoning */
  readonly content: string | readonly OpenAIContentPart[] | null;
  /** https://platform.openai.com/docs/api-reference/chat-streaming/streaming#choices-delta-refusal */
  readonly refusal: string | null;
  /** DeepSeek, Qwen, xAI, Moonshot. https://api-docs.deepseek.com/guides/reasoning_model */
  readonly reasoning_content: string | null;
  /** OpenRouter, Groq, Ollama, vLLM. https://openrouter.ai/docs/use-cases/reasoning-tokens */
  readonly reasoning: string | null;
  /** GitHub Copilot. https://docs.github.com/en/rest/models/inference */
  readonly reasoning_text: string | null;
  /** OpenRouter, MiniMax. https://openrouter.ai/docs/use-cases/reasoning-tokens */
  readonly reasoning_details: readonly { readonly text: string; readonly summary: string }[];
  /** https://platform.openai.com/docs/api-reference/chat-streaming/streaming#choices-delta-tool_calls */
  readonly tool_calls: readonly OpenAIToolCall[];
  /** Deprecated by OpenAI, still sent by some. https://platform.openai.com/docs/api-reference/chat-streaming/streaming */
  readonly function_call: { readonly name: string; readonly arguments: string };
  /** OpenRouter: generated images. https://openrouter.ai/docs/features/multimodal/image-generation */
  readonly images: readonly { readonly image_url: { readonly url: string } }[];
  /** OpenAI and OpenRouter web search. https://platform.openai.com/docs/guides/tools-web-search */
  readonly annotations: readonly { readonly url_citation: OpenAIUrlCitation }[];
}

/**
 * A cited page. `end_index` counts characters of the content. OpenAI does not say which, no published report shows it for
 * characters beyond U+FFFF, and we count code points, as Python does. For all others code units are the same.
 */
export interface OpenAIUrlCitation {
  readonly title: string;
  readonly url: string;
  readonly end_index: number;
}

/** A content part: Mistral's `thinking` and `text`, Databricks' `reasoning`, Qwen-VL's bare `{text}` and `{image}`. */
export interface OpenAIContentPart {
  readonly type: string;
  readonly text: string;
  /** https://docs.mistral.ai/capabilities/reasoning */
  readonly thinking: string | readonly { readonly text: string }[];
  /** https://docs.databricks.com/aws/en/machine-learning/model-serving/query-reason-models */
  readonly summary: readonly { readonly text: string }[];
  /** https://help.aliyun.com/zh/model-studio/qwen-vl-compatible-with-openai */
  readonly image: string;
  readonly image_url: { readonly url: string };
}

/** A fragment of a tool call. https://platform.openai.com/docs/api-reference/chat-streaming/streaming#choices-delta-tool_calls */
export interface OpenAIToolCall {
  readonly index: number;
  readonly id: string;
  readonly function: { readonly name: string | null; readonly arguments: string };
  /** A custom tool's call, whose input is any text. https://platform.openai.com/docs/guides/function-calling#custom-tools */
  readonly custom: { readonly name: string; readonly input: string };
  /** Gemini's compatible endpoint. https://ai.google.dev/gemini-api/docs/thought-signatures#openai-compatible */
  readonly extra_content: { readonly google: { readonly thought_signature: string } };
}

/** Token counts. https://platform.openai.com/docs/api-reference/chat/object#usage, with the additions of other providers. */
export interface OpenAIUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: {
    readonly cached_tokens: number;
    readonly audio_tokens: number;
    readonly image_tokens: number;
    /** OpenRouter, LiteLLM. https://openrouter.ai/docs/use-cases/usage-accounting */
    readonly cache_write_tokens: number;
  };
  readonly completion_tokens_details: {
    readonly reasoning_tokens: number;
    readonly audio_tokens: number;
    readonly image_tokens: number;
    readonly accepted_prediction_tokens: number;
    readonly rejected_prediction_tokens: number;
  };
  /** DeepSeek. https://api-docs.deepseek.com/guides/kv_cache */
  readonly prompt_cache_hit_tokens: number;
  readonly prompt_cache_miss_tokens: number;
  /** Together, Moonshot. https://platform.moonshot.ai/docs/api/chat */
  readonly cached_tokens: number;
  /** Perplexity. https://docs.perplexity.ai/api-reference/chat-completions-post */
  readonly citation_tokens: number;
  /** OpenRouter, in US dollars. https://openrouter.ai/docs/use-cases/usage-accounting */
  readonly cost: number;
}
