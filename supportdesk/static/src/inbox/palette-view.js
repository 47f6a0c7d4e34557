// ⌘K: a field that finds rooms and commands.

import { html, nothing } from "lit";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { commandsFor } from "./commands.js";
import { matching } from "./palette.js";
import { titleOf } from "./room-list.js";
import { caps } from "./sheet-view.js";
import { View } from "./view.js";

/** @typedef {import("./palette.js").Choice} Choice */

const ASK_MS = 150;
const SHOWN = 10;

class PaletteView extends View {
  static topics = /** @type {("desk")[]} */ (["desk"]);

  static properties = { ...View.properties, acts: { attribute: false } };

  constructor() {
    super();
    this.acts = /** @type {import("./desk-acts.js").DeskActs} */ (/** @type {unknown} */ (null));
    this.letters = "";
    this.at = 0;
    /** @type {import("./room-list.js").RoomLine[]} */
    this.found = [];
    this.asked = 0;
    /** @type {any} */
    this.timer = null;
  }

  /** @returns {Choice[]} what matches by name, best first; then rooms the desk found by their text */
  get choices() {
    const commands = commandsFor(this.desk, this.acts);
    const listed = this.desk.list.items.map((line) => this.room(line, "message-circle"));
    if (this.letters.trim() === "") return [...commands, ...listed.slice(0, SHOWN)];
    const named = matching(this.letters, [...commands, ...listed]).slice(0, SHOWN);
    const known = new Set(named.map((choice) => choice.id));
    return [
      ...named,
      ...this.found.filter((line) => !known.has(line.id)).map((line) => this.room(line, "search")),
    ];
  }

  /** @param {import("./room-list.js").RoomLine} line @param {string} sign @returns {Choice} */
  room(line, sign) {
    const label = titleOf(line);
    return { id: line.id, label, hint: line.preview ?? "", icon: sign, run: () => this.desk.select(line.id) };
  }

  render() {
    const { choices } = this;
    this.at = Math.max(0, Math.min(this.at, choices.length - 1));
    return html`
      <label class="vh" for="palette-field">${t("Find a room or a command")}</label>
      <input class="field" id="palette-field" type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
        aria-activedescendant=${choices.length > 0 ? `choice-${this.at}` : nothing} autocomplete="off" spellcheck="false"
        placeholder=${t("Find a room or a command")} .value=${this.letters} @input=${this.onInput} @keydown=${this.onKey}>
      <ul class="picks" id="palette-list" role="listbox" aria-label=${t("Rooms and commands")}>
        ${choices.map(
          (
            choice,
            at,
          ) => html`<li class="menu-item ${at === this.at ? "on" : ""}" id="choice-${at}" role="option" aria-selected=${at === this.at}
            @click=${() => this.choose(choice)} @pointermove=${() => this.point(at)}>
            ${icon(choice.icon)}<span class="grow clip"><bdi>${choice.label}</bdi>${choice.hint ? html` <span class="sub" dir="auto">${choice.hint}</span>` : nothing}</span>${choice.keys ? caps(choice.keys) : nothing}</li>`,
        )}
      </ul>
      ${choices.length === 0 ? html`<p class="sub" role="status">${t("Nothing found.")}</p>` : nothing}
    `;
  }

  firstUpdated() {
    // The window opened before its field was drawn.
    /** @type {HTMLElement | null} */ (this.querySelector("input"))?.focus();
  }

  /** @param {InputEvent} event */
  onInput(event) {
    this.letters = /** @type {HTMLInputElement} */ (event.target).value;
    this.at = 0;
    this.requestUpdate();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.search(), ASK_MS);
  }

  async search() {
    const asked = ++this.asked;
    const q = this.letters.trim();
    if (q.length < 2) {
      this.found = [];
      return;
    }
    try {
      const { items } = await this.desk.api.rooms({ q, limit: SHOWN });
      if (asked !== this.asked) return;
      this.found = items;
      this.requestUpdate();
    } catch {
      // Rooms that are already in the list are still found.
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { choices } = this;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.at = (this.at + step + choices.length) % Math.max(1, choices.length);
      this.requestUpdate();
      void this.updateComplete.then(() =>
        this.querySelector(`#choice-${this.at}`)?.scrollIntoView({ block: "nearest" }),
      );
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      if (choices[this.at]) this.choose(choices[this.at]);
    }
  }

  /** @param {number} at */
  point(at) {
    if (at === this.at) return;
    this.at = at;
    this.requestUpdate();
  }

  /** @param {Choice} choice */
  choose(choice) {
    this.desk.ask(null);
    choice.run();
  }
}

customElements.define("desk-palette", PaletteView);
