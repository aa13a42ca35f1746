/**
 * Reads the citations of a chunk, in the shapes of the providers.
 * @module
 */
import type { Citation } from "../../protocol/chat_event.ts";
import type { GroundingCollector } from "../chat_events/grounding_collector.ts";
import type { TextOffsets } from "../chat_events/text_offsets.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { OpenAIChunk } from "./openai_chunk.ts";

/** The citations beside the choices of a chunk; empty where there are none. The lists with titles come first. */
export function readChunkCitations(chunk: Untrusted<OpenAIChunk>): Citation[] {
  const results = asList(chunk.search_results ?? chunk.web_search);
  if (results.length > 0) return readAll(results);
  const found = asList(asObject<OpenAIChunk["search_info"]>(chunk.search_info)?.search_results);
  return readAll(found.length > 0 ? found : asList(chunk.citations));
}

/**
 * Adds the citations in a delta's annotations. OpenAI wraps each in `url_citation`.
 * @param offsets those of the answer's text, in code points
 */
export function takeAnnotations(annotations: unknown, grounding: GroundingCollector, offsets: TextOffsets): void {
  for (const value of asList(annotations)) {
    const annotation = asObject<{ url_citation: unknown }>(value)?.url_citation ?? value;
    const citation = readCitation(annotation);
    const index = grounding.addCitation(citation?.url, citation?.title);
    grounding.addMark(offsets.toUtf16(asObject<{ end_index: unknown }>(annotation)?.end_index), [index]);
  }
}

/** Entries without a URL are dropped: they have broken clients. */
function readAll(entries: readonly unknown[]): Citation[] {
  return entries.map(readCitation).filter((citation) => citation !== undefined);
}

/** A URL, or an object with one. Zhipu calls it `link`. */
function readCitation(value: unknown): Citation | undefined {
  const entry = asObject<{ url: unknown; link: unknown; title: unknown }>(value);
  const url = asText(value) ?? asText(entry?.url) ?? asText(entry?.link);
  if (url === undefined) return undefined;
  const title = asText(entry?.title);
  return title === undefined ? { url } : { title, url };
}
