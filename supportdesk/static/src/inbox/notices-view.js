// The notices at the foot of the page.

import { html } from "lit";
import { t } from "../shared/i18n.js";
import { icon } from "../shared/icon.js";
import { isMac } from "./sheet-view.js";
import { keyCaps } from "./shortcuts.js";
import { View } from "./view.js";

class NoticesView extends View {
  connectedCallback() {
    super.connectedCallback();
    this.stops.push(this.desk.notices.topic.on(() => this.requestUpdate()));
  }

  render() {
    const { notices } = this.desk;
    return html`<div class="notices" role="status" @pointerenter=${() => notices.hold()} @pointerleave=${() => notices.release()}
      @focusin=${() => notices.hold()} @focusout=${() => notices.release()}>
      ${notices.items.map(
        (item) => html`<div class="notice ${item.tone}">
          ${icon(item.tone === "danger" ? "circle-alert" : "check")}
          <p class="grow" dir="auto">${item.text}</p>
          ${item.undo ? html`<button class="btn" type="button" title=${keyCaps("Mod+z", isMac()).join(" ")} @click=${() => this.undo(item.id)}>${t("Undo")}</button>` : ""}
          <button class="btn quiet icon" type="button" aria-label=${t("Dismiss")} @click=${() => notices.remove(item.id)}>${icon("x")}</button>
        </div>`,
      )}
    </div>`;
  }

  /** @param {number} id */
  undo(id) {
    const { notices } = this.desk;
    const item = notices.items.find((one) => one.id === id);
    notices.remove(id);
    item?.undo?.();
  }
}

customElements.define("desk-notices", NoticesView);
