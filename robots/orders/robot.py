"""Answers where an order is, and offers a voucher when it is late."""

import re
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, Final, cast

from pydantic import Field, JsonValue

from supportdesk.robots import contract
from supportdesk.robots.contract import (
    Event,
    KitError,
    QuickReplies,
    Robot,
    Role,
    Say,
    Silent,
    Speaker,
    ToolResult,
    ToolStatus,
    Trigger,
    Turn,
)

NUMBER: Final = re.compile(r"\b[A-Za-z]-\d{3,10}\b")
EMAIL: Final = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}\.[A-Za-z]{2,20}")
LOOK_UP, ISSUE = "look_up_order", "issue_voucher"
WANTS_VOUCHER: Final = re.compile(r"\bvoucher\b", re.IGNORECASE)
STATES: Final = {
    "paid": "is paid and will be packed soon",
    "packed": "is packed and waits for the carrier",
    "sent": "is on its way",
    "delayed": "is delayed; I am sorry about that",
    "delivered": "was delivered",
    "returned": "has come back to us",
}
OFFER: Final = "Yes, a voucher please"
DECIDED: Final = frozenset({ToolStatus.DENIED, ToolStatus.CANCELLED})


class OrdersRobot(Robot):
    """Says where an order is, and offers a voucher when it is late."""

    name, version = "orders", "1.0.0"
    display_name = "Order service"
    hears = frozenset({Trigger.MESSAGE, Trigger.TOOL_DECIDED})

    class Settings(contract.Settings):
        """What a late order is worth."""

        voucher: Decimal = Field(default=Decimal(10), ge=0, le=100, title="Voucher for a late order (0: none)")

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Where the order is, once a tool may say so."""
        if turn.trigger is Trigger.TOOL_DECIDED:
            for result in turn.tool_results:
                for event in self._told(result):
                    yield event
            return
        number = _last(NUMBER, turn)
        if turn.role is Role.FOLLOW or number is None:
            yield Silent(reason="no order is named")
            return
        args: dict[str, JsonValue] = {"order_number": number.upper()}
        if (email := _last(EMAIL, turn)) is not None:
            args["email"] = email
        wants_voucher = WANTS_VOUCHER.search(turn.text) is not None and self.settings.voucher > 0
        if wants_voucher:
            args |= {"amount": float(self.settings.voucher), "reason": "The order is late."}
        try:
            result = await self.kit.tools.call(ISSUE if wants_voucher else LOOK_UP, args)
        except KitError as error:
            self.kit.log("not_called", why=str(error)[:200])
            yield Silent(reason="the tool could not be called")
            return
        for event in self._told(result):
            yield event

    def _told(self, result: ToolResult) -> list[Event]:
        """What came of a call, in words for the guest."""
        if result.status is ToolStatus.WAITING:
            return []
        if result.status in DECIDED:
            return [Say(delta=f"A colleague has looked at it and cannot do that. {result.error}".strip())]
        if result.status is ToolStatus.FAILED:
            return [Say(delta=f"I could not do that: {result.error} Which e-mail address was the order placed with?")]
        facts = cast("dict[str, Any]", result.result)
        if result.name == ISSUE:
            amount = f"{facts['amount']} {facts['currency']}"
            return [Say(delta=f"Here is your voucher over {amount}: **{facts['code']}**. I am sorry for the trouble.")]
        due = f" It should arrive on {facts['due_on']}." if facts["due_on"] and facts["status"] != "delivered" else ""
        said = Say(delta=f"Your order {facts['order_number']} {STATES[facts['status']]}.{due}")
        if facts["status"] == "delayed" and self.settings.voucher > 0:
            return [said, QuickReplies(options=(OFFER,))]
        return [said]


def _last(pattern: re.Pattern[str], turn: Turn) -> str | None:
    """What the guest has named last in this conversation."""
    said = [line.text for line in turn.history if line.speaker is Speaker.GUEST]
    for text in (turn.text, *reversed(said)):
        if found := pattern.search(text):
            return found[0]
    return None
