"""A robot's secret settings reach no log and no record, however carelessly it speaks of them."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from urllib.parse import quote, quote_plus

import pytest
import structlog
from pydantic import BaseModel, Field, SecretStr

from supportdesk.core.masking import MASK, Mask
from supportdesk.robots import contract
from supportdesk.robots.configuring import Change, configure_robot
from supportdesk.robots.contract import Event, HandOff, Robot, Say, Turn
from tests.robots.conftest import Staging

KEY = 'sk-live "42"/é'
INNER = "inner-secret-1"


class Account(BaseModel):
    """Somebody's account."""

    key: SecretStr = Field(default=SecretStr(""), title="Key")


class CarelessRobot(Robot):
    """Logs its key, asks a server with it in the address, and comes to grief with it."""

    name = "careless"

    class Settings(contract.Settings):
        """A key, and one within a group."""

        key: SecretStr = Field(default=SecretStr(""), title="Key")
        account: Account = Field(default=Account(), title="Account")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Tells everybody but the guest."""
        key, inner = self.settings.key.get_secret_value(), self.settings.account.key.get_secret_value()
        self.kit.log(f"the key is {key}", header={"authorization": [f"Bearer {key}", inner]}, whole=json.dumps(key))
        await self.kit.search(f"what is {key}?")
        if turn.text == "hand over":
            yield HandOff(reason=f"the server refuses {key}")
            return
        yield Say(delta="One moment.")
        raise RuntimeError(f"401 for {key} and {inner}")


@pytest.mark.parametrize("text", ["fail", "hand over"])
async def test_what_a_robot_logs_and_raises_is_kept_without_its_secrets(staged: Staging, text: str) -> None:
    desk = await staged(CarelessRobot)
    robot_id = await desk.owner.fetchval("SELECT id FROM robots WHERE workspace_id = $1", desk.workspace_id)
    async with desk.db.transaction(desk.system) as tx:
        change = Change(secrets={"key": KEY, "account.key": INNER})
        await configure_robot(tx, desk.host, desk.keys, robot_id, change)
    guest = await desk.guest()
    room = await desk.opens(guest)
    with structlog.testing.capture_logs() as lines:
        await desk.says(guest, room, text)
        await desk.settle()
    (turn,) = await desk.turns(room)
    stored = str(dict(turn))
    for told in (stored, str(lines)):
        assert MASK in told
        for secret in (KEY, INNER, json.dumps(KEY)[1:-1], "sk-live"):
            assert secret not in told


def test_a_mask_knows_a_secret_in_an_address_and_leaves_short_ones() -> None:
    mask = Mask(["sesam p/c", "sesam p/c and more", "abcdefg", ""])
    assert mask.text("https://a.test/?key=sesam%20p%2Fc") == f"https://a.test/?key={MASK}"
    assert mask.value({"sesam p/c and more": ["sesam p/c", 3, None]}) == {MASK: [MASK, 3, None]}
    assert mask.text("abc") == "abc"


@pytest.mark.parametrize("secret", ["sk-live-0123456789", KEY, "a/b+c=d e&f?", "ÿþ~~~???>>>ÿÿ", "12345678"])
def test_a_secret_is_known_in_the_forms_it_travels_in(secret: str) -> None:
    mask = Mask([secret])
    for form in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)):
        assert MASK in mask.text(f"x={form}&y")
    for neighbour in ("", "u", "us", "use", "user:"):
        for packed in (b64encode, urlsafe_b64encode):
            for after in ("", "!", "!!"):
                text = packed(f"{neighbour}{secret}{after}".encode()).decode()
                masked = mask.text(f"Basic {text} sent")
                assert MASK in masked, (neighbour, text)
                assert len(masked) <= len("Basic  sent") + len(MASK) + 4 * (len(neighbour) + len(after) + 4), masked


def test_escapes_may_be_spelt_in_small_letters() -> None:
    assert Mask(["Key/With?Marks"]).text("k=Key%2fWith%3fMarks") == f"k={MASK}"


def test_what_is_no_secret_stays_as_it_is() -> None:
    mask = Mask(["sk-live-0123456789"])
    for text in ("", "sk-live", b64encode(b"sk-life-0123456789").decode(), "0123456789"):
        assert mask.text(text) == text
