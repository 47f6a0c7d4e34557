// After the end: how it was, and another conversation.

import { html, LitElement, nothing } from "lit";
import { t } from "../../shared/i18n.js";
import { icon } from "../../shared/icon.js";

const FACES = /** @type {const} */ (["angry", "frown", "meh", "smile", "laugh"]);

export class SdEnding extends LitElement {
  static properties = {
    ask: { attribute: false },
    busy: { attribute: false },
    score: { state: true },
  };

  constructor() {
    super();
    /** @type {"rate" | "thank" | "nothing"} */
    this.ask = "rate";
    this.busy = false;
    /** @type {number | null} */
    this.score = null;
  }

  createRenderRoot() {
    return this;
  }

  /** @param {Event} event */
  rate(event) {
    event.preventDefault();
    if (this.score === null || this.busy) return;
    const comment = this.querySelector("textarea")?.value.trim();
    const detail = { score: this.score, ...(comment && { comment }) };
    this.dispatchEvent(new CustomEvent("rate", { detail }));
  }

  render() {
    return html`<div class="ending">
      ${this.ask === "rate" ? this.card() : this.ask === "thank" ? this.thanks() : nothing}
      <button class="btn primary" type="button" @click=${() => this.dispatchEvent(new CustomEvent("again"))}>
        ${icon("square-pen")}${t("Start a new conversation")}
      </button>
    </div>`;
  }

  thanks() {
    return html`<p class="thanks" role="status">${icon("circle-check")}${t("Thank you for telling us.")}</p>`;
  }

  card() {
    const words = [t("Very bad"), t("Bad"), t("In between"), t("Good"), t("Very good")];
    return html`<form class="csat card" @submit=${this.rate}>
      <fieldset>
        <legend>${t("How was this conversation?")}</legend>
        <div class="faces">
          ${FACES.map(
            (face, at) => html`<label title=${words[at]}>
              <input class="vh" type="radio" name="score" value=${at + 1} .checked=${this.score === at + 1}
                @change=${() => {
                  this.score = at + 1;
                }} />
              ${icon(face)}<span class="vh">${words[at]}</span>
            </label>`,
          )}
        </div>
      </fieldset>
      ${
        this.score === null
          ? nothing
          : html`<label class="vh" for="why">${t("Anything to add? (optional)")}</label>
            <textarea id="why" class="field" rows="2" maxlength="2000" dir="auto" placeholder=${t("Anything to add? (optional)")}></textarea>
            <button class="btn" type="submit" ?disabled=${this.busy}>${t("Send rating")}</button>`
      }
    </form>`;
  }
}

customElements.define("sd-ending", SdEnding);
