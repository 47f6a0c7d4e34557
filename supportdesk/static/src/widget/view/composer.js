// Where the guest writes: grows with the text, Enter sends, Shift+Enter breaks the line.

import { html, LitElement, nothing } from "lit";
import { t, tn } from "../../shared/i18n.js";
import { icon } from "../../shared/icon.js";
import { MAX_CONTENT } from "../../shared/protocol.js";
import { bare } from "../bare.js";

/** @typedef {import("../../shared/protocol.js").Message} Message */

const WARN_BELOW = 1000;

export class SdComposer extends LitElement {
  static properties = {
    editing: { attribute: false },
    replyTo: { attribute: false },
    disabled: { attribute: false },
    text: { state: true },
  };

  constructor() {
    super();
    /** @type {Message | null} */
    this.editing = null;
    /** @type {Message | null} */
    this.replyTo = null;
    this.disabled = false;
    this.text = "";
    /** What was being written when editing began. */
    this.aside = "";
  }

  createRenderRoot() {
    return this;
  }

  get field() {
    return /** @type {HTMLTextAreaElement | null} */ (this.querySelector("textarea"));
  }

  /** Characters as the desk counts them. */
  get left() {
    return MAX_CONTENT - (this.text.length > MAX_CONTENT / 2 ? [...this.text].length : this.text.length);
  }

  get sendable() {
    return !this.disabled && this.text.trim() !== "" && this.left >= 0;
  }

  /** @param {string} text */
  write(text) {
    this.text = text;
  }

  focusField() {
    this.field?.focus();
  }

  /** @param {import("lit").PropertyValues} changed */
  willUpdate(changed) {
    if (!changed.has("editing") || this.editing === changed.get("editing")) return;
    if (this.editing) {
      this.aside = this.text;
      this.text = this.editing.content;
    } else if (changed.get("editing")) {
      this.text = this.aside;
    }
  }

  /** @param {import("lit").PropertyValues} changed */
  updated(changed) {
    const field = this.field;
    if (!field || !changed.has("text")) return;
    if (field.value !== this.text) field.value = this.text;
    field.style.setProperty("block-size", "auto");
    field.style.setProperty("block-size", `${field.scrollHeight + 2}px`);
  }

  onInput() {
    this.text = this.field?.value ?? "";
    this.tell("writing", { text: this.text });
  }

  /** @param {KeyboardEvent} event */
  onKeydown(event) {
    // While an input method composes, Enter chooses a word.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && this.text === "" && !this.editing) {
      event.preventDefault();
      this.tell("edit-last");
    } else if (event.key === "Escape" && (this.editing || this.replyTo)) {
      event.stopPropagation();
      this.tell("cancel");
    }
  }

  submit() {
    if (!this.sendable) return;
    const text = this.text.trim();
    if (!this.editing) this.text = "";
    this.tell("submit-text", { text });
  }

  /**
   * @param {"writing" | "submit-text" | "edit-last" | "cancel"} name
   * @param {Record<string, any>} [detail]
   */
  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  render() {
    const hint = this.disabled ? t("You cannot write here") : t("Write a message…");
    const send = this.editing ? t("Save") : t("Send");
    return html`${this.context()}
      <form class="comp" @submit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        this.submit();
        this.focusField();
      }}>
        <label class="vh" for="text">${t("Write a message…")}</label>
        <textarea id="text" rows="1" dir=${this.text === "" ? nothing : "auto"} enterkeyhint="send" autocomplete="off" placeholder=${hint}
          aria-describedby="left" ?disabled=${this.disabled} aria-invalid=${this.left < 0}
          @input=${() => this.onInput()} @keydown=${this.onKeydown}></textarea>
        <button class="btn primary icon" type="submit" aria-label=${send} title=${send} aria-disabled=${!this.sendable}>
          ${this.editing ? icon("check") : icon("send-horizontal", "flip")}
        </button>
      </form>
      <p id="left" class="left ${this.left < 0 ? "over" : ""}" role="status">${this.limit()}</p>`;
  }

  limit() {
    if (this.left >= WARN_BELOW) return nothing;
    if (this.left >= 0) return tn("{count} character left", "{count} characters left", this.left);
    return tn("{count} character too many", "{count} characters too many", -this.left);
  }

  context() {
    const about = this.editing ?? this.replyTo;
    if (!about) return nothing;
    const title = this.editing
      ? t("Editing your message")
      : t("Replying to {name}", { name: about.sender?.name ?? "" });
    return html`<div class="context">
      ${this.editing ? icon("pencil") : icon("corner-up-left", "flip")}
      <div class="grow"><b>${title}</b><p class="clip" dir="auto">${bare(about.content.slice(0, 200))}</p></div>
      <button class="btn quiet icon" type="button" aria-label=${t("Cancel")} @click=${() => this.tell("cancel")}>${icon("x")}</button>
    </div>`;
  }
}

customElements.define("sd-composer", SdComposer);
