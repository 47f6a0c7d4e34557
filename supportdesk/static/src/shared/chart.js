// A chart that a robot drew: the server's picture, what its colours mean, and the same figures as a table.

import { html, LitElement, nothing } from "lit";
import { locale, t } from "./i18n.js";
import { serverHtml } from "./markdown-html.js";

/** @typedef {import("./protocol.js").Graph} Graph */

class DeskChart extends LitElement {
  static properties = { graph: { attribute: false }, open: { state: true } };

  constructor() {
    super();
    /** @type {Graph | undefined} */
    this.graph = undefined;
    /** Rows that nobody looks at are not in the page. */
    this.open = false;
  }

  createRenderRoot() {
    return this;
  }

  render() {
    const { graph } = this;
    if (!graph?.svg) return nothing;
    const { title, legend = [], svg } = graph;
    return html`<figure class="graph">
      ${title ? html`<figcaption dir="auto">${title}</figcaption>` : nothing}
      ${
        legend.length > 0
          ? html`<ul class="legend">${legend.map(({ name, tone }) => html`<li><i class="swatch t-${tone}"></i><bdi>${name}</bdi></li>`)}</ul>`
          : nothing
      }
      <div dir="ltr" ${serverHtml(svg)}></div>
      <details @toggle=${(/** @type {Event} */ event) => {
        this.open = /** @type {HTMLDetailsElement} */ (event.target).open;
      }}><summary>${t("Show as table")}</summary>${this.open ? this.table(graph) : nothing}</details>
    </figure>`;
  }

  /** @param {Graph} graph */
  table({ columns, data, summary }) {
    return html`<div class="graph-rows" tabindex="0" role="region" aria-label=${summary}><table>
      <thead><tr>${columns.map(({ title }) => html`<th scope="col" dir="auto">${title}</th>`)}</tr></thead>
      <tbody>${data.map((row) => html`<tr>${columns.map(({ field }) => html`<td dir="auto">${cell(row[field])}</td>`)}</tr>`)}</tbody>
    </table></div>`;
  }
}

/** @param {unknown} value */
function cell(value) {
  return typeof value === "number" ? value.toLocaleString(locale()) : (value ?? "–");
}

customElements.define("desk-chart", DeskChart);
