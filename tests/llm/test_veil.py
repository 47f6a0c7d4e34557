"""A server that repeats the key it was sent shows it to nobody."""

from collections.abc import Sequence
from typing import Any, Final

import pytest

from supportdesk.core.masking import Mask
from supportdesk.llm.engine import Engine
from supportdesk.llm.faults import ModelFailed
from tests.llm.servers import openai_server
from tests.llm.talking import QUESTION, Fallback, Talker, asking, talk, with_provider
from tests.robots.conftest import Staging

KEY: Final = "sk-secret-0123456789"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((f"Your key is {KEY}.",), "Your key is •••."),
        (("Your key is sk-sec", "ret-0123", "456789", ", is it not?"), "Your key is •••, is it not?"),
        (tuple(f"{KEY}{KEY}"), "••••••"),
        (("Asks", " and s", "s", "k-sec", "onds"), "Asks and ssk-seconds"),
        (("It ends with sk-", "secret"), "It ends with sk-secret"),
        ((f"s{KEY[:-1]}", f"{KEY}9"), f"s{KEY[:-1]}•••9"),
    ],
)
def test_a_key_is_masked_however_it_is_cut(words: Sequence[str], shown: str) -> None:
    veil = Mask((KEY,)).veil()
    assert "".join([*map(veil.feed, words), veil.end()]) == shown


def test_words_that_do_not_look_like_it_are_not_held_back() -> None:
    veil = Mask((KEY,)).veil()
    assert [veil.feed(word) for word in ("Refund", "take five day", "!")] == ["Refund", "take five day", "!"]
    assert Mask(("k",)).veil().feed("kick") == "kick"


async def test_a_guest_the_room_and_the_record_do_not_get_the_key(staged: Staging) -> None:
    async with openai_server() as server:
        server.words = ("It is ", KEY[:7], KEY[7:], ", they say.")
        theatre = await staged(Talker, engine=Engine)
        await with_provider(theatre, base_url=server.url, api_key=KEY)
        guest = await theatre.guest()
        room = await theatre.opens(guest)
        await theatre.says(guest, room, QUESTION)
        await theatre.settle()
        assert KEY in str(server.seen)
        assert (await theatre.texts(room))[-1] == theatre.ears.streamed() == "It is •••, they say."
        assert KEY not in str(await theatre.turns(room))


@pytest.mark.parametrize(
    "echo",
    [
        {"calls": [("refund", {"order": KEY})], "words": ()},
        {"status": 400, "refusal": {"error": {"message": f"{'x' * 100} {KEY}", "type": "invalid_request_error"}}},
    ],
    ids=["in a call", "in a refusal"],
)
async def test_nor_do_they_from_a_call_or_a_refusal(staged: Staging, echo: dict[str, Any]) -> None:
    async with openai_server() as server:
        for name, value in echo.items():
            setattr(server, name, value)
        theatre = await staged(Talker, Fallback, engine=Engine)
        await with_provider(theatre, base_url=server.url, api_key=KEY)
        guest = await theatre.guest()
        room = await theatre.opens(guest)
        await theatre.says(guest, room, QUESTION)
        await theatre.settle()
        kept = str(await theatre.turns(room))
        assert "•••" in kept
        assert KEY[:12] not in kept
        with pytest.raises(ModelFailed) as failed:
            await talk(theatre, asking())
        assert KEY[:12] not in failed.value.sentence
