"""Where is my order: what the robot of orders asks the shop, and what it tells the guest."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from pydantic import JsonValue

from robots.orders.robot import OrdersRobot
from supportdesk.robots.contract import (
    KitError,
    Line,
    QuickReplies,
    Risk,
    Role,
    Say,
    Silent,
    Speaker,
    ToolResult,
    ToolSpec,
    ToolStatus,
    Trigger,
    Turn,
)
from supportdesk.robots.testing import PracticeKit, perform, play

SENT: dict[str, JsonValue] = {"order_number": "A-10051", "status": "sent", "due_on": "2026-11-24"}


class Counter:
    """Tools that answer what they are told, and remember what they were asked."""

    def __init__(self, status: ToolStatus, result: JsonValue = None, error: str = "") -> None:
        self.status, self.result, self.error = status, result, error
        self.asked: list[tuple[str, Mapping[str, JsonValue]]] = []

    async def list(self) -> Sequence[ToolSpec]:
        return [ToolSpec(name="look_up_order", description="", parameters={}, risk=Risk.READ)]

    async def call(self, name: str, args: Mapping[str, JsonValue]) -> ToolResult:
        self.asked.append((name, args))
        if self.error == "no such tool":
            raise KitError(self.error)
        return ToolResult(execution_id=uuid4(), name=name, status=self.status, result=self.result, error=self.error)


async def test_it_looks_the_order_up_by_number_and_e_mail_wherever_they_were_named() -> None:
    tools = Counter(ToolStatus.COMPLETED, SENT)
    history = [Line(speaker=Speaker.GUEST, name="Ada", text="I am ada@example.com")]
    events = await play(OrdersRobot, "where is a-10051?", kit=PracticeKit(tools=tools), history=history)
    assert tools.asked == [("look_up_order", {"order_number": "A-10051", "email": "ada@example.com"})]
    assert events == [Say(delta="Your order A-10051 is on its way. It should arrive on 2026-11-24.")]


async def test_a_late_order_is_worth_an_offer_and_the_offer_a_voucher() -> None:
    late = Counter(ToolStatus.COMPLETED, SENT | {"status": "delayed"})
    events = await play(OrdersRobot, "A-10051?", kit=PracticeKit(tools=late))
    assert QuickReplies(options=("Yes, a voucher please",)) in events
    waits = Counter(ToolStatus.WAITING)
    history = [Line(speaker=Speaker.GUEST, name="Ada", text="A-10051?")]
    assert await play(OrdersRobot, "Yes, a voucher please", kit=PracticeKit(tools=waits), history=history) == []
    assert waits.asked[0][0] == "issue_voucher"
    none = await play(OrdersRobot, "A-10051?", kit=PracticeKit(tools=late), settings={"voucher": 0})
    assert not any(isinstance(event, QuickReplies) for event in none)


async def test_it_is_silent_about_everything_else_and_as_a_second_voice() -> None:
    tools = Counter(ToolStatus.COMPLETED, SENT)
    (event,) = await play(OrdersRobot, "Do you sell lamps?", kit=PracticeKit(tools=tools))
    assert isinstance(event, Silent)
    second = Turn(text="where is A-10051?", role=Role.FOLLOW, lead_text="Somewhere.")
    played = await perform(OrdersRobot, second, kit=PracticeKit(tools=tools))
    assert (played.text, tools.asked) == ("", [])
    (event,) = await play(
        OrdersRobot, "A-10051?", kit=PracticeKit(tools=Counter(ToolStatus.FAILED, error="no such tool"))
    )
    assert isinstance(event, Silent), "where there is no shop, another robot answers"


async def test_it_tells_what_was_decided() -> None:
    def told(status: ToolStatus, result: JsonValue = None, error: str = "") -> Turn:
        one = ToolResult(execution_id=uuid4(), name="issue_voucher", status=status, result=result, error=error)
        return Turn(text="a voucher", trigger=Trigger.TOOL_DECIDED, tool_results=(one,))

    voucher: dict[str, JsonValue] = {"code": "ACME-1", "amount": "10.00", "currency": "EUR"}
    for turn, said in (
        (told(ToolStatus.COMPLETED, voucher), "Here is your voucher over 10.00 EUR: **ACME-1**."),
        (told(ToolStatus.DENIED, error="A colleague has denied it."), "A colleague has looked at it"),
        (told(ToolStatus.FAILED, error="The till is closed."), "I could not do that: The till is closed."),
    ):
        assert said in (await perform(OrdersRobot, turn, kit=PracticeKit())).text
