"""The demo shop's help centre, so that a citation leads to its article."""

from dataclasses import dataclass
from functools import cache

from supportdesk.config import Settings
from supportdesk.core.http import Page, Routes
from supportdesk.demo.loader import HELP_CENTRE
from supportdesk.errors import NotFound
from supportdesk.messages.markdown import to_html

routes = Routes()


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the help centre."""

    slug: str
    title: str
    category: str
    html: str


@cache
def _articles() -> dict[str, Article]:
    """The articles that customers may read, by slug."""
    found = {}
    for path in sorted(HELP_CENTRE.glob("*.md")):
        _, head, body = path.read_text().split("---\n", 2)
        said = dict(line.split(": ", 1) for line in head.strip().splitlines())
        if said["audience"] == "public":
            found[said["slug"]] = Article(said["slug"], said["title"], said["category"], to_html(body.strip()))
    return found


@routes.page("/demo/help", public="the demo shop's help centre is public")
async def contents(settings: Settings) -> Page:
    """All articles by category."""
    _must_be_demo(settings)
    shelves: dict[str, list[Article]] = {}
    for article in _articles().values():
        shelves.setdefault(article.category, []).append(article)
    return Page("demo/help.html", {"shelves": sorted(shelves.items())})


@routes.page("/demo/help/{slug}", public="the demo shop's help centre is public")
async def article(settings: Settings, slug: str) -> Page:
    """One article."""
    _must_be_demo(settings)
    found = _articles().get(slug)
    if found is None:
        raise NotFound("There is no such article in the help centre.")
    return Page("demo/article.html", {"article": found})


def _must_be_demo(settings: Settings) -> None:
    if not settings.demo:
        raise NotFound("The demo shop is served with the demo workspace only: start with make run.")
