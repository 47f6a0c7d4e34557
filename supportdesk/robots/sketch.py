"""The beginning of a robot, for `supportdesk robots new NAME`: a folder that works as it stands."""

from pathlib import Path
from typing import Final

from supportdesk.errors import Conflict, Invalid
from supportdesk.robots.discovery import FOLDER

ROBOT: Final = '''"""Answers from the documents when it is sure enough."""

from collections.abc import AsyncIterator

from pydantic import Field

from supportdesk.robots import contract
from supportdesk.robots.contract import Cite, Event, HandOff, Robot, Say, Turn, Why


class {title}Robot(Robot):
    """Answers from the documents when it is sure enough, and else hands over to a person."""

    name, version = "{name}", "0.1.0"
    display_name = "Assistant"

    class Settings(contract.Settings):
        """What an admin may set; the form follows from these fields."""

        threshold: float = Field(default=0.6, ge=0, le=1, title="Answer only above this score")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Say the best sentences and where they stand."""
        passages = await self.kit.search(turn.text, limit=1)
        if not passages or passages[0].score < self.settings.threshold:
            yield HandOff(reason="not in the documents", why=Why.NOT_IN_DOCUMENTS)
            return
        quote = await self.kit.quote(turn.text, passages[0])
        yield Say(delta=quote)
        yield Cite(document_id=passages[0].document_id, quote=quote[:2_000])
'''
README: Final = """# {name}
Answers from the workspace's documents when it is sure enough, and else hands over to a person.
Say here when it speaks, and when it is silent.
Settings: `threshold` (0 to 1), the score below which it does not guess.
Say here what it needs: documents, a provider, another server.
"""
TEST: Final = '''"""The {name} robot answers from the documents or hands over."""

import asyncio
from pathlib import Path

from supportdesk.robots.contract import HandOff, Say
from supportdesk.robots.discovery import robot_in
from supportdesk.robots.testing import play

Robot = robot_in(Path(__file__).parent)


def test_it_says_what_the_documents_say() -> None:
    events = asyncio.run(play(Robot, "How long do refunds take?", documents=["Refunds take five days."]))
    assert events[0] == Say(delta="Refunds take five days.")


def test_it_hands_over_what_it_does_not_know() -> None:
    (event,) = asyncio.run(play(Robot, "How fast does a swallow fly?", documents=["Refunds take five days."]))
    assert isinstance(event, HandOff)
'''


def write_sketch(folder: Path, name: str) -> Path:
    """Write the folder of a robot that passes the conformance suite; returns its path.

    Raises Invalid for a name that no robot can have, and Conflict when the folder is there.
    """
    if not FOLDER.fullmatch(name):
        raise Invalid("A robot's name has lower-case letters, digits and underscores, a letter first: weather_report.")
    place = folder / name
    try:
        place.mkdir(parents=True)
    except FileExistsError:
        raise Conflict(f"There is a {place} already; choose another name, or change what is there.") from None
    title = "".join(word.capitalize() for word in name.split("_"))
    files = {
        "__init__.py": '"""Answers from the documents when it is sure enough."""\n',
        "robot.py": ROBOT,
        "README.md": README,
        f"test_{name}.py": TEST,
    }
    for file, text in files.items():
        (place / file).write_text(text.replace("{title}", title).replace("{name}", name))
    return place
