"""What a second robot adds is held against what was said, by the real model."""

import pytest

from supportdesk.robots.remarks import is_said
from tests.knowledge.conftest import Shelf

ANSWER = "Refunds take five to seven days. They go back to the card."
AGAIN = "Refunds take 5 to 7 days."
MORE = "Banks need a few days to book a refund, and some show it as a correction of the original payment."


@pytest.mark.parametrize(
    ("remark", "repeats"),
    [
        (ANSWER, True),
        (AGAIN, True),
        (f"{AGAIN} {MORE}", True),
        (MORE, False),
        ("Vouchers are paid back as vouchers, not as money.", False),
        ("You can also return it in one of our shops; then the money is back at once.", False),
        ("Returns are free within 30 days.", False),
    ],
)
async def test_a_remark_that_begins_with_what_was_said_is_none(shelf: Shelf, remark: str, *, repeats: bool) -> None:
    assert await is_said(shelf.knowledge, remark, [ANSWER]) is repeats
