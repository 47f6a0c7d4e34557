"""Who flies along: a room's messages in their order, a room in one flight at a time, a key in a flight once."""

import asyncio
from collections import defaultdict
from contextlib import closing
from itertools import chain, repeat
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from supportdesk.actor import Actor, ActorKind, UserId, WorkspaceId
from supportdesk.messages.flights import SEATS, _board, _Gate, _Seat
from supportdesk.messages.model import Posting
from supportdesk.rooms.model import RoomId

HOME = WorkspaceId(UUID(int=1))
WISH = st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 4))
"""Room, sender, key: few of each, so that they meet."""


def seat(loop: asyncio.AbstractEventLoop, room: int, sender: int, key: int) -> _Seat:
    actor = Actor(kind=ActorKind.AGENT, id=UserId(UUID(int=sender)), workspace_id=HOME)
    posting = Posting(actor=actor, room_id=RoomId(UUID(int=room)), client_msg_id=str(key), content="words")
    return _Seat(posting, loop.create_future())


@given(st.lists(st.tuples(st.lists(WISH, max_size=60), st.booleans()), max_size=6))
def test_every_flight_boards_fairly(arrivals: list[tuple[list[tuple[int, int, int]], bool]]) -> None:
    gate, flown, arrived = _Gate(), defaultdict[RoomId, list[_Seat]](list), defaultdict[RoomId, list[_Seat]](list)
    flying: set[RoomId] = set()
    with closing(asyncio.new_event_loop()) as loop:
        waves = chain(arrivals, repeat(([], True), 400))  # at last nobody comes any more, and every flight lands
        for wishes, lands in waves:
            for wish in wishes:
                one = seat(loop, *wish)
                gate.waiting.append(one)
                arrived[one.posting.room_id].append(one)
            boarded = _board(gate)
            rooms = {one.posting.room_id for one in boarded}
            assert len(boarded) <= SEATS
            assert len({one.posting.key for one in boarded}) == len(boarded)
            assert not rooms & flying
            flying |= rooms
            assert gate.rooms == flying
            for one in boarded:
                flown[one.posting.room_id].append(one)
            if lands:
                gate.rooms, flying = set(), set()
            if not wishes and lands and not gate.waiting:
                break
    assert flown == arrived
