// A chart that a robot drew: the server's picture with what its colours mean, and the same figures as a table.

import { html, nothing } from "lit";
import { t } from "./i18n.js";
import { serverHtml } from "./markdown-html.js";

/** @param {import("./protocol.js").Graph | undefined} graph */
export function chart(graph) {
  if (!graph?.svg) return nothing;
  return html`<div class="graph"><div ${serverHtml(graph.svg)}></div>
    <details><summary>${t("Show as table")}</summary><div class="md" ${serverHtml(graph.table)}></div></details></div>`;
}
