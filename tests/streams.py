"""A client's view of a room's stream, to hold what the desk sends against what it promises."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from supportdesk.core.http import RESOURCES
from tests.people import Desk, Json, Person

EPHEMERAL = ("status", "status_timestamps")
"""Of a message: moved by receipts, which are no durable events."""


def numbers(events: Sequence[Json]) -> list[int]:
    """The numbers of events, as they stand."""
    return [int(event["seq"]) for event in events]


def said(events: Sequence[Json]) -> list[str]:
    """What was said, in the order of the stream."""
    return [e["data"]["message"]["content"] for e in events if e["kind"] == "message.created"]


def plain(message: Json) -> Json:
    """A message without what moves by itself."""
    return {name: value for name, value in message.items() if name not in EPHEMERAL}


def messages_after(events: Sequence[Json]) -> dict[str, Json]:
    """Every message as a client knows it after these events, by id."""
    known: dict[str, Json] = {}
    for event in events:
        data: Json = event["data"]
        match event["kind"]:
            case "message.created" | "message.edited":
                known[data["message"]["id"]] = plain(deepcopy(data["message"]))
            case "message.deleted":
                message = known[data["message_id"]]
                emptied = {"content": "", "content_html": "", "citations": [], "quick_replies": [], "reactions": []}
                message |= {**emptied, "deleted": True, "version": message["version"] + 1}
                for extra in ("reply_to", "thread_id", "draft_id", "edited_at", "note", "whisper_to", "graph"):
                    message.pop(extra, None)
            case "reaction.added" | "reaction.removed":
                _react(known[data["message_id"]], data, on=event["kind"] == "reaction.added")
    return known


def _react(message: Json, data: Json, *, on: bool) -> None:
    if message.get("deleted"):
        return
    who: dict[str, list[str]] = {r["emoji"]: list(r["user_ids"]) for r in message["reactions"]}
    people = who.setdefault(data["emoji"], [])
    (people.append if on else people.remove)(data["user_id"])
    message["reactions"] = [{"emoji": e, "count": len(p), "user_ids": p} for e, p in who.items() if p]


async def verify_live(person: Person, room_id: str, head: int) -> list[Json]:
    """What was heard live is dense up to `head`, and the log says the same from every point; returns the events."""
    live = await person.catches_up(head, room_id)
    first = live[0]["seq"]
    assert numbers(live) == list(range(first, head + 1)), "heard live with a gap or twice"
    for start in range(first - 1, head):
        page = await person.asks("room.sync", room_id=room_id, after_seq=start)
        assert page["head"] == head
        assert_same(live[start - first + 1 :], page["events"], known=messages_after(live))
    return live


def assert_same(live: Sequence[Json], read: Sequence[Json], *, known: dict[str, Json]) -> None:
    """The log's events are those heard live, with messages as they stand now."""
    assert numbers(read) == numbers(live)
    for heard, found in zip(live, read, strict=True):
        expected, present = deepcopy(heard), deepcopy(found)
        if "message" in expected["data"]:
            expected["data"]["message"] = known[expected["data"]["message"]["id"]]
            present["data"]["message"] = plain(present["data"]["message"])
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
