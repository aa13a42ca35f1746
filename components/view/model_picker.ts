/**
 * The list of models in the header, filled from the server. It is not shown until there are two models to choose from.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { CallOptions } from "../chat/chat_call.ts";
import { fetchModels, ServerModels } from "../chat/server_models.ts";

/** Receives the choice, and keeps it. */
export interface ModelPickerHandler {
  /** Returns the model that was kept; empty if there is none. */
  readKept(): string;
  /** The visitor has chosen a model, now or on an earlier visit. */
  onChoose(model: string): void;
  /** The list must be rendered again. */
  onChange(): void;
}

/** The models of one element. */
export class ModelPicker {
  readonly #handler: ModelPickerHandler;
  #url = "";
  #models = new ServerModels();

  /** @param handler receives the choice */
  constructor(handler: ModelPickerHandler) {
    this.#handler = handler;
  }

  /** Loads the list once for each URL. A failure hides it. @param url that of the list; empty to forget it */
  async load(url: string, options: CallOptions): Promise<void> {
    if (url === this.#url) return;
    this.#url = url;
    this.#models = new ServerModels();
    if (url === "") return;
    const models = await fetchModels(url, options);
    // Without the list, the chat works with the server's default model.
    if (models === undefined || this.#url !== url) return;
    this.#models = models;
    const kept = this.#handler.readKept();
    if (models.names.includes(kept)) this.#handler.onChoose(kept);
    this.#handler.onChange();
  }

  /** Renders the list. @param model the requested model; empty for the server's default @param label its name */
  render(model: string, label: string): TemplateResult | typeof nothing {
    const { names, defaultModel } = this.#models;
    if (names.length < 2) return nothing;
    const current = model || defaultModel;
    // An alias or a model that the page has set may be missing in the list.
    const shown = names.includes(current) || current === "" ? names : [current, ...names];
    return html`
      <select class="plain models" part="model-picker" dir="ltr" aria-label=${label} title=${label} @change=${this
        .#onPick}>
        ${shown.map((name) => html`<option value=${name} ?selected=${name === current}>${name}</option>`)}
      </select>
    `;
  }

  readonly #onPick = (event: Event): void => {
    this.#handler.onChoose((event.currentTarget as HTMLSelectElement).value);
  };
}
