// The only door for HTML: what the server rendered and sanitised (content_html) enters the page here.

import { nothing } from "lit";
import { Directive, directive } from "lit/directive.js";

/** @typedef {{createHTML(html: string): any}} HtmlPolicy */

/** @type {HtmlPolicy} */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("supportdesk", {
  createHTML: (/** @type {string} */ html) => html,
}) ?? { createHTML: (html) => html };

/**
 * Fills an element with the server's HTML; links open beside the page and tell nothing of it.
 * @param {Element} element
 * @param {string} html `content_html` of a message, never anything else
 */
export function setServerHtml(element, html) {
  element.innerHTML = policy.createHTML(html);
  for (const link of element.querySelectorAll("a[href]")) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer nofollow");
  }
  for (const block of element.children) block.setAttribute("dir", "auto");
}

class ServerHtml extends Directive {
  /** @type {string | undefined} */
  shown = undefined;

  /** @param {string} _html */
  render(_html) {
    return nothing;
  }

  /**
   * @param {any} part
   * @param {[string]} values
   */
  update(part, [html]) {
    if (html !== this.shown) {
      this.shown = html;
      setServerHtml(part.element, html);
    }
    return nothing;
  }
}

/** Element directive: html`<div class="md" ${serverHtml(message.content_html)}></div>`. */
export const serverHtml = directive(ServerHtml);
