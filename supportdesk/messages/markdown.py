"""Markdown to safe HTML, once, when a message is written."""

import html
import re
from functools import cache, lru_cache

import nh3
from markdown_it import MarkdownIt

PLAIN = re.compile(r"[^`*_\[\]<>#|~\\&:@\n\-+=!/]*")
"""Text without a character that Markdown, HTML or an address could mean something by."""
TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "s",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "blockquote",
    "a",
    "h1",
    "h2",
    "h3",
    "h4",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("js-default", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20}).disable(
        ["image"]
    )


@lru_cache(maxsize=512)
def to_html(text: str) -> str:
    """Render a message: paragraphs, emphasis, lists, code, quotes, tables, safe links; no images, no HTML."""
    if PLAIN.fullmatch(text):
        return f"<p>{html.escape(text)}</p>"
    rendered = _markdown().render(text)
    return nh3.clean(
        rendered,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    ).strip()
