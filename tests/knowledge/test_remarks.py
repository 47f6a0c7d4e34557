"""What a second robot adds is held against what was said, by the real model."""

import pytest

from supportdesk.robots.remarks import is_said
from tests.knowledge.conftest import Shelf

ANSWER = "Refunds take five to seven days."
AGAIN = "A refund reaches you 5–7 business days after your return arrives at our warehouse in Rotterdam."
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
async def test_a_remark_that_says_it_again_in_other_words_is_known(shelf: Shelf, remark: str, *, repeats: bool) -> None:
    assert await is_said(shelf.knowledge, remark, [ANSWER]) is repeats
