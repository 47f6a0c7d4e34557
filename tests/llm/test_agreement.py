"""The record of the turns and the log of usage say the same: what was asked of a provider, and nothing else."""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

import pytest
from pydantic import JsonValue

from supportdesk.llm import actions
from supportdesk.llm.conversing import Conversations
from supportdesk.llm.engine import Engine
from supportdesk.llm.faults import ModelUnavailable
from supportdesk.llm.model import Budgets, Caller, Provider, Usage
from supportdesk.robots.actions import stop_turns
from supportdesk.rooms.model import Room
from tests.llm.servers import Server, openai_server
from tests.llm.talking import QUESTION, Fallback, Talker, asking, usage, with_provider
from tests.robots.conftest import Staging
from tests.robots.theatre import Row, Theatre

PER_TOKEN: Final = Decimal("0.00001")


class Priced(Engine):
    """Each token costs the same."""

    def price(self, provider: Provider, model: str, usage: Usage) -> Decimal:
        """So much for each."""
        del provider, model
        return PER_TOKEN * usage.tokens


async def agreed(theatre: Theatre, *rooms: Room) -> tuple[list[Row], list[dict[str, Any]]]:
    """The rooms' turns with tokens and the log of usage, after making sure that they come to the same."""
    booked = await usage(theatre)
    turns = [turn for room in rooms for turn in await theatre.turns(room) if turn["tokens"]]
    assert sum(turn["tokens"] for turn in turns) == sum(row["input_tokens"] + row["output_tokens"] for row in booked)
    assert sum(turn["cost"] for turn in turns) == sum(row["cost"] for row in booked)
    return turns, booked


async def test_a_call_that_a_budget_refuses_costs_nothing(staged: Staging) -> None:
    async with openai_server() as server:
        theatre = await staged(engine=Priced)
        await with_provider(theatre, base_url=server.url)
        async with theatre.db.transaction(theatre.system) as tx:
            await actions.set_budgets(tx, theatre.system, Budgets(workspace_daily=Decimal(0)))
        records: list[Callable[[], Mapping[str, JsonValue]]] = []
        pieces = Conversations(theatre.models, theatre.db, theatre.keys).answer(
            Caller(workspace_id=theatre.workspace_id), asking(), None, records.append
        )
        with pytest.raises(ModelUnavailable, match="is spent"):
            await anext(pieces)
        [call] = [record() for record in records]
        assert (call["asked"], call["input_tokens"], call["output_tokens"], call["cost"]) == (False, 0, 0, 0.0)
        assert call["error"] == "Today's budget of the workspace, 0.00 USD, is spent."
        assert (server.asked, await usage(theatre)) == ([], [])


async def test_many_rooms_at_once_book_what_the_provider_was_asked(staged: Staging) -> None:
    async with openai_server() as server:
        server.pauses = asyncio.Event()
        theatre = await staged(Talker, Fallback, engine=Priced, seats=12)
        await with_provider(theatre, base_url=server.url)
        async with theatre.db.transaction(theatre.system) as tx:
            await actions.set_budgets(tx, theatre.system, Budgets(workspace_daily=Decimal("0.000001")))
        guests = [await theatre.guest() for _ in range(8)]
        rooms = [await theatre.opens(guest) for guest in guests]
        await asyncio.gather(*(theatre.says(guest, room, QUESTION) for guest, room in zip(guests, rooms, strict=True)))
        await server.came.wait()
        server.pauses.set()
        await theatre.settle()
        turns, booked = await agreed(theatre, *rooms)
        assert len(turns) == len(booked) == len(server.asked) == 1
        assert {await theatre.owner_of(room) for room in rooms} == {"robot"}


@pytest.mark.parametrize(
    "strange",
    [
        {"calls": [("refund", "x" * 1_000_000)]},
        {"calls": [("refund", "{}")] * 1_000},
        {"garbage": b"data: {not json\n\n"},
        {"garbage": b"<html>Welcome</html>"},
        {"garbage": b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'},
        {"breaks": True, "words": []},
        {"ends_early": True},
    ],
    ids=["large arguments", "many calls", "no json", "a page", "an error in it", "breaks at once", "half"],
)
async def test_what_the_provider_took_on_is_booked_whatever_came_of_it(
    staged: Staging, strange: dict[str, Any]
) -> None:
    async with openai_server() as server:
        for name, value in strange.items():
            setattr(server, name, value)
        theatre = await staged(Talker, Fallback, engine=Priced)
        await with_provider(theatre, base_url=server.url)
        guest = await theatre.guest()
        room = await theatre.opens(guest)
        await theatre.says(guest, room, QUESTION)
        await theatre.settle()
        turns, booked = await agreed(theatre, room)
        assert len(turns) == len(booked) == len(server.asked) == 1
        [call] = turns[0]["observation_data"]["calls"]
        assert call["estimated"] is True
        assert call["error"]
        assert booked[0]["input_tokens"] > 0
        assert booked[0]["output_tokens"] < 25_000, "what is beyond measure was not read"


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_what_the_provider_refused_costs_nothing(staged: Staging, status: int) -> None:
    async with openai_server() as server:
        server.status = status
        theatre = await staged(Talker, Fallback, engine=Priced)
        await with_provider(theatre, base_url=server.url)
        guest = await theatre.guest()
        room = await theatre.opens(guest)
        await theatre.says(guest, room, QUESTION)
        await theatre.settle()
        assert await agreed(theatre, room) == ([], [])
        assert len(server.asked) == 1


@pytest.mark.parametrize("whose", ["the guest", "the staff"])
async def test_what_was_stopped_is_on_record_with_what_it_cost(staged: Staging, whose: str) -> None:
    async with openai_server() as server:
        theatre, room = await _stopped(staged, server, whose)
        [turn], [booked] = await agreed(theatre, room)
        assert (turn["status"], turn["response_data"]["ending"]) == ("completed", "stopped")
        assert turn["response_data"]["reason"] == f"stopped by {whose}"
        assert turn["request_data"]["text"] == QUESTION
        [call] = turn["observation_data"]["calls"]
        assert call["prompt"]["parts"][-1]["text"] == QUESTION
        assert call["answer"].startswith("Refunds take ")
        assert call["estimated"] is True
        assert "asked" not in call
        assert booked["input_tokens"] > 0
        said = (await theatre.texts(room))[-1]
        assert said.startswith("Refunds")
        assert call["answer"].startswith(said)


async def _stopped(staged: Staging, server: Server, whose: str) -> tuple[Theatre, Room]:
    """A room in which somebody stopped the model in the midst of its answer."""
    server.words = ("Refunds ", "take ", "five ", "days.")
    server.pauses = asyncio.Event()
    theatre = await staged(Talker, engine=Priced)
    await with_provider(theatre, base_url=server.url)
    guest = await theatre.guest()
    room = await theatre.opens(guest)
    heard = asyncio.Event()
    theatre.ears.on_delta = heard.set
    await theatre.says(guest, room, QUESTION)
    await heard.wait()
    async with theatre.db.transaction(theatre.system) as tx:
        assert await stop_turns(tx, room, f"stopped by {whose}") == 1
    await server.closed.wait()
    await theatre.settle()
    return theatre, room
