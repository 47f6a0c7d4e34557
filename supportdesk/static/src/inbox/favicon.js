// The tab's icon carries how many wait, for those who keep it in a row of small tabs.

let plain = "";

/** @param {number} count 0 shows the plain icon */
export function markFavicon(count) {
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'));
  if (!link) return;
  plain ||= link.href;
  link.href =
    count > 0 ? `data:image/svg+xml,${encodeURIComponent(marked(count > 9 ? "9+" : String(count)))}` : plain;
}

/** @param {string} text */
function marked(text) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#3b4fd8"/>
    <circle cx="16" cy="16" r="12" fill="#fff"/><text x="16" y="22" font-family="system-ui,sans-serif" font-size="17" font-weight="700" text-anchor="middle" fill="#b8232a">${text}</text></svg>`;
}
