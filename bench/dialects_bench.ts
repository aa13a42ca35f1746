/**
 * Micro-benchmark of the dialects, of providers and of clients: 2,000 chunks of text through the whole transform, in 16 KiB
 * reads (a burst) and one a read (paced). Divide the time by 2,000 for the cost of an event. The clients' rows have a provider
 * with chat completions. Run with `deno task bench:micro`.
 * @module
 */
import { AgUiEncoder } from "../routes/ag_ui/ag_ui_encoder.ts";
import { startOf } from "../routes/ai_sdk/message_start.ts";
import { UIMessageEncoder } from "../routes/ai_sdk/ui_message_encoder.ts";
import type { EventEncoder } from "../routes/stream_format.ts";
import { createRecode } from "../routes/event_recoder.ts";
import { ChatEventStream } from "../upstream/chat_event_stream.ts";
import type { ProviderApi } from "../upstream/chat_events/provider_config.ts";
import { DIALECTS } from "../upstream/dialects.ts";
import { providerBytesIn } from "../upstream/http/provider_bytes.ts";
import { answerTokens, cut } from "./inputs.ts";
import { PROVIDER_ANSWERS } from "./provider_answers.ts";

const CHUNKS = 2_000;
const tokens = answerTokens();

/** The rows: a provider's API, and the client's encoder where the client does not read our events. */
const ROWS: readonly {
  readonly name: string;
  readonly api: ProviderApi;
  readonly createEncoder?: () => EventEncoder;
}[] = [
  ...(Object.keys(PROVIDER_ANSWERS) as ProviderApi[]).map((api) => ({ name: api, api })),
  { name: "to the AI SDK", api: "chat-completions", createEncoder: () => new UIMessageEncoder(startOf("answer")) },
  { name: "to AG-UI", api: "chat-completions", createEncoder: () => new AgUiEncoder("thread", "run") },
];

const encoder = new TextEncoder();

for (const group of ["in 16 KiB reads", "one a read"]) {
  for (const { name, api, createEncoder } of ROWS) {
    const { opening, chunk, closing } = PROVIDER_ANSWERS[api];
    const texts = Array.from({ length: CHUNKS }, (_, at) => tokens[at % tokens.length]!);
    const messages = [opening, ...texts.map(chunk), closing(CHUNKS)];
    const reads = (group === "one a read" ? messages : cut(messages.join(""), 16_384)).map((text) =>
      encoder.encode(text)
    );

    Deno.bench({ name, group, baseline: name === "chat-completions" }, async () => {
      let bytes = 0;
      const stream = new ChatEventStream(DIALECTS[api].createDecoder, {
        recode: createEncoder && createRecode({ headers: {}, createEncoder }),
      });
      void stream.feed(providerBytesIn(reads));
      for await (const chunk of stream.readable) bytes += chunk.length;
      if (bytes === 0) throw new Error("Cannot measure: nothing came out");
    });
  }
}
