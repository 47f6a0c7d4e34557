/**
 * Markdown as plain words, for what is still being written and for quotes of one line: not rendered, but without
 * its marks.
 * @param {string} text
 */
export function bare(text) {
  return text.replace(/^#{1,6} |\*\*|__|`/gm, "").replace(/\*(\S[^*\n]*)\*|\[([^\]]*)\]\([^)]*\)/g, "$1$2");
}
