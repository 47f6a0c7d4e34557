"""A client's view of a room's stream, to hold what the desk sends against what it promises."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from supportdesk.core.http import RESOURCES
from tests.people import Agent, Desk, Guest, Json, Person
from tests.views import View


def numbers(events: Sequence[Json]) -> list[int]:
    """The numbers of events, as they stand."""
    return [int(event["seq"]) for event in events]


def said(events: Sequence[Json]) -> list[str]:
    """What was said, in the order of the stream."""
    return [e["data"]["message"]["content"] for e in events if e["kind"] == "message.created"]


async def history(person: Guest | Agent, room_id: str, *, limit: int = 50) -> list[Json]:
    """Every message of a room over HTTP, oldest first: page by page from its end, the same as from its beginning."""
    path = f"/api/v1/rooms/{room_id}/messages?limit={limit}"
    forwards: list[Json] = []
    backwards: list[Json] = []
    while page := await _page(person, f"{path}&after_seq={forwards[-1]['seq'] if forwards else 0}"):
        forwards += page
    while page := await _page(person, path + (f"&before_seq={backwards[0]['seq']}" if backwards else "")):
        backwards = page + backwards
    assert forwards == backwards, "the history is not the same read from both ends"
    return forwards


async def _page(person: Guest | Agent, path: str) -> list[Json]:
    status, answer = await person.fetches("GET", path)
    assert status == 200, answer
    return list(answer["items"])


async def verify_live(person: Guest | Agent, room_id: str, head: int) -> list[Json]:
    """Who was there all along and who has just come see the same room; returns what was heard live.

    What was heard is dense up to `head`; the log says the same from every point; and the pictures that the frames, a
    fresh join and the history over HTTP make of it are equal in all that a person can see.
    """
    live = await person.catches_up(head, room_id)
    first = live[0]["seq"]
    assert numbers(live) == list(range(first, head + 1)), "heard live with a gap or twice"
    staff = person.namespace == "/desk"
    there = _view_of(person, room_id, staff=staff)
    newcomer = await person.again()
    answer = await newcomer.joins(room_id)
    new = View({**answer, "events": await newcomer.reads(room_id)}, staff=staff)
    assert there.last == new.last == answer["head"] == head
    assert there.picture() == new.picture(), "who was there and who has just come see different rooms"
    shown = {message["id"]: new.shown(message) for message in await history(newcomer, room_id)}
    assert shown == {message["id"]: message for message in new.picture()["messages"]}
    for start in range(first - 1, head):
        page = await person.asks("room.sync", room_id=room_id, after_seq=start)
        assert page["head"] == head
        assert_same(live[start - first + 1 :], page["events"], there)
    await newcomer.leaves()
    return live


def _view_of(person: Person, room_id: str, *, staff: bool) -> View:
    view = View(person.joined[room_id], staff=staff)
    for event, data in person.heard:
        if data.get("room_id") != room_id:
            continue
        match event:
            case "room.event":
                view.receive(data)
            case "receipt":
                view.receipt(data)
            case "message.delta":
                view.delta(data)
            case "message.delta_aborted":
                view.delta_aborted(data)
    return view


def assert_same(live: Sequence[Json], read: Sequence[Json], there: View) -> None:
    """The log's events are those heard live, with messages as they stand now."""
    assert numbers(read) == numbers(live)
    for heard, found in zip(live, read, strict=True):
        expected, present = deepcopy(heard), deepcopy(found)
        if "message" in expected["data"]:
            expected["data"]["message"] = there.shown(there.messages[expected["data"]["message"]["id"]])
            present["data"]["message"] = there.shown(present["data"]["message"])
        assert present == expected


async def head_of(desk: Desk, person: Person, room_id: str) -> int:
    """The end of the person's stream, once everything under way has settled."""
    await desk.settle()
    page = await person.asks("room.sync", room_id=room_id, after_seq=0)
    return int(page["head"])


def everything(person: Person) -> list[tuple[str, Any]]:
    """Every frame a person was sent, durable or not."""
    return list(person.heard)


def resource(desk: Desk, kind: type[Any]) -> Any:
    """One of the application's things."""
    assert desk.app is not None
    return desk.app[RESOURCES].get(kind)
