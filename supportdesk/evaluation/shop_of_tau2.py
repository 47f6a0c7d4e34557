"""The retail shop of tau2-bench as tools of the desk: state and rules as its policy.md says, over JSON in memory.

Only what the tasks act on is kept: products with variants, users with payment methods, orders with items and payments.
"""

import ast
import operator
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar, cast

from pydantic import Field, JsonValue

from supportdesk.errors import Conflict, Invalid, NotFound
from supportdesk.tools.declaration import Asking, Tool, ToolArgs, declare
from supportdesk.tools.model import ExecutionId, Risk

Json: TypeAlias = dict[str, Any]
A = TypeVar("A", bound=ToolArgs)
REASONS: Final = ("no longer needed", "ordered by mistake")
SIGNS: Final[Mapping[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class ByEmail(ToolArgs):
    """A user by e-mail."""

    email: str


class ByNameAndZip(ToolArgs):
    """A user by name and zip code."""

    first_name: str
    last_name: str
    zip: str


class WhichUser(ToolArgs):
    """A user."""

    user_id: str


class WhichOrder(ToolArgs):
    """An order, with its #."""

    order_id: str


class WhichProduct(ToolArgs):
    """A product."""

    product_id: str


class WhichItem(ToolArgs):
    """A variant of a product."""

    item_id: str


class Sum(ToolArgs):
    """Numbers with + - * / and parentheses."""

    expression: str = Field(max_length=500)


class Cancel(WhichOrder):
    """An order that is not wanted any more."""

    reason: str


class Address(ToolArgs):
    """Where to send something."""

    address1: str
    address2: str
    city: str
    state: str
    country: str
    zip: str


class OrderAddress(Address, WhichOrder):
    """Where to send an order."""


class UserAddress(Address, WhichUser):
    """Where somebody lives."""


class OrderPayment(WhichOrder):
    """How an order is paid."""

    payment_method_id: str


class Return(OrderPayment):
    """What is sent back, and where the money goes."""

    item_ids: list[str] = Field(min_length=1)


class Swap(Return):
    """Which items become which, and who pays the difference."""

    new_item_ids: list[str] = Field(min_length=1)


class HandOver(ToolArgs):
    """What a person should know."""

    summary: str


class TauShop:
    """A shop of one task. `applied` counts, by call, what has changed it."""

    def __init__(self, state: Json) -> None:
        self.state = state
        self.applied: Counter[ExecutionId] = Counter()

    def act(self, name: str, args: A) -> JsonValue:
        """Do something, as the tool of this name does; raises NotFound, Conflict or Invalid."""
        return cast("JsonValue", getattr(self, name)(args))

    def find_user_id_by_email(self, want: ByEmail) -> str:
        """The user with this e-mail."""
        return self._user_where(lambda user: user["email"].casefold() == want.email.casefold())

    def find_user_id_by_name_zip(self, want: ByNameAndZip) -> str:
        """The user of this name in this zip code."""
        name = (want.first_name.casefold(), want.last_name.casefold(), want.zip)
        return self._user_where(
            lambda user: (
                (user["name"]["first_name"].casefold(), user["name"]["last_name"].casefold(), user["address"]["zip"])
                == name
            )
        )

    def get_user_details(self, want: WhichUser) -> Json:
        """Everything about a user."""
        return self._of("users", want.user_id)

    def get_order_details(self, want: WhichOrder) -> Json:
        """Everything about an order."""
        return self._of("orders", want.order_id)

    def get_product_details(self, want: WhichProduct) -> Json:
        """A product with its variants."""
        return self._of("products", want.product_id)

    def get_item_details(self, want: WhichItem) -> Json:
        """One variant."""
        for product in self.state["products"].values():
            if want.item_id in product["variants"]:
                return cast("Json", product["variants"][want.item_id])
        raise NotFound(f"There is no item {want.item_id}.")

    def list_all_product_types(self, _want: ToolArgs) -> Json:
        """Names of products with their ids."""
        return {product["name"]: product["product_id"] for product in self.state["products"].values()}

    def calculate(self, want: Sum) -> str:
        """A sum, with two digits."""
        try:
            return f"{_value(ast.parse(want.expression, mode='eval').body):.2f}"
        except (SyntaxError, ZeroDivisionError, RecursionError):
            raise Invalid("This is no sum.") from None

    def transfer_to_human_agents(self, _want: HandOver) -> str:
        """A person goes on."""
        return "A person goes on."

    def cancel_pending_order(self, want: Cancel) -> Json:
        """Cancel an order that is pending, and pay it back."""
        order = self._order(want.order_id, "pending")
        if want.reason not in REASONS:
            raise Invalid(f"The reason must be one of: {', '.join(REASONS)}.")
        for paid in list(order["payment_history"]):
            self._book(order, paid["payment_method_id"], -paid["amount"])
        order |= {"status": "cancelled", "cancel_reason": want.reason}
        return order

    def modify_pending_order_address(self, want: OrderAddress) -> Json:
        """Send a pending order somewhere else."""
        order = self._of("orders", want.order_id)
        if "pending" not in order["status"]:
            raise Conflict(f"The order is {order['status']}, not pending.")
        order["address"] = _address(want)
        return order

    def modify_pending_order_payment(self, want: OrderPayment) -> Json:
        """Pay a pending order in another way."""
        order = self._order(want.order_id, "pending")
        history = order["payment_history"]
        if len(history) != 1 or history[0]["transaction_type"] != "payment":
            raise Conflict("The order has not been paid just once.")
        before, amount = history[0]["payment_method_id"], history[0]["amount"]
        if before == want.payment_method_id:
            raise Conflict("It is paid that way already.")
        self._must_cover(order["user_id"], want.payment_method_id, amount)
        self._book(order, want.payment_method_id, amount)
        self._book(order, before, -amount)
        return order

    def modify_pending_order_items(self, want: Swap) -> Json:
        """Change items of a pending order for other variants, once."""
        order = self._order(want.order_id, "pending")
        difference = self._difference(order, want)
        self._must_cover(order["user_id"], want.payment_method_id, difference)
        if difference:
            self._book(order, want.payment_method_id, difference)
        for old, new in zip(want.item_ids, want.new_item_ids, strict=True):
            item = next(item for item in order["items"] if item["item_id"] == old)
            variant = self._variant(item["product_id"], new)
            item |= {"item_id": new, "price": variant["price"], "options": variant["options"]}
        order["status"] = "pending (item modified)"
        return order

    def modify_user_address(self, want: UserAddress) -> Json:
        """Note where somebody lives now."""
        user = self._of("users", want.user_id)
        user["address"] = _address(want)
        return user

    def return_delivered_order_items(self, want: Return) -> Json:
        """Take items of a delivered order back."""
        order = self._order(want.order_id, "delivered")
        self._must_hold(order, want.item_ids)
        method = self._method(order["user_id"], want.payment_method_id)
        if (
            method["source"] != "gift_card"
            and want.payment_method_id != order["payment_history"][0]["payment_method_id"]
        ):
            raise Conflict("The money goes back as it came, or to a gift card.")
        order |= {
            "status": "return requested",
            "return_items": sorted(want.item_ids),
            "return_payment_method_id": want.payment_method_id,
        }
        return order

    def exchange_delivered_order_items(self, want: Swap) -> Json:
        """Change items of a delivered order for other variants."""
        order = self._order(want.order_id, "delivered")
        difference = self._difference(order, want)
        self._must_cover(order["user_id"], want.payment_method_id, difference)
        order |= {
            "status": "exchange requested",
            "exchange_items": sorted(want.item_ids),
            "exchange_new_items": sorted(want.new_item_ids),
            "exchange_payment_method_id": want.payment_method_id,
            "exchange_price_difference": difference,
        }
        return order

    def _of(self, kind: str, key: str) -> Json:
        found = self.state[kind].get(key)
        if found is None:
            raise NotFound(f"There is no {kind.removesuffix('s')} {key}.")
        return cast("Json", found)

    def _user_where(self, fits: Callable[[Json], bool]) -> str:
        for user_id, user in self.state["users"].items():
            if fits(user):
                return str(user_id)
        raise NotFound("There is no such user.")

    def _order(self, order_id: str, status: str) -> Json:
        order = self._of("orders", order_id)
        if order["status"] != status:
            raise Conflict(f"The order is {order['status']}, not {status}.")
        return order

    def _must_hold(self, order: Json, item_ids: Sequence[str]) -> None:
        if Counter(item_ids) - Counter(item["item_id"] for item in order["items"]):
            raise NotFound("Not all of these items are in the order.")

    def _variant(self, product_id: str, item_id: str) -> Json:
        variant = self._of("products", product_id)["variants"].get(item_id)
        if variant is None or not variant["available"]:
            raise Conflict(f"The item {item_id} cannot be had of this product.")
        return cast("Json", variant)

    def _difference(self, order: Json, want: Swap) -> float:
        self._must_hold(order, want.item_ids)
        if len(want.item_ids) != len(want.new_item_ids):
            raise Invalid("Each item needs one in its place.")
        total = 0.0
        for old, new in zip(want.item_ids, want.new_item_ids, strict=True):
            item = next(item for item in order["items"] if item["item_id"] == old)
            total += self._variant(item["product_id"], new)["price"] - item["price"]
        return round(total, 2)

    def _method(self, user_id: str, method_id: str) -> Json:
        method = self._of("users", user_id)["payment_methods"].get(method_id)
        if method is None:
            raise NotFound("The user has no such way to pay.")
        return cast("Json", method)

    def _must_cover(self, user_id: str, method_id: str, amount: float) -> None:
        method = self._method(user_id, method_id)
        if method["source"] == "gift_card" and method["balance"] < amount:
            raise Conflict("The gift card does not cover it.")

    def _book(self, order: Json, method_id: str, amount: float) -> None:
        """Money for the shop, or back from it where the amount is negative."""
        kind = "payment" if amount > 0 else "refund"
        line = {"transaction_type": kind, "amount": abs(amount), "payment_method_id": method_id}
        order["payment_history"].append(line)
        method = self._method(order["user_id"], method_id)
        if method["source"] == "gift_card":
            method["balance"] = round(method["balance"] - amount, 2)


def _address(want: Address) -> Json:
    return {name: getattr(want, name) for name in ("address1", "address2", "city", "country", "state", "zip")}


def _value(node: ast.AST) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in SIGNS:
            return SIGNS[type(sign)](_value(left), _value(right))
        case _:
            raise Invalid("This is no sum.")


SHAPES: Final[Mapping[str, tuple[type[ToolArgs], Risk]]] = {
    "find_user_id_by_email": (ByEmail, Risk.READ),
    "find_user_id_by_name_zip": (ByNameAndZip, Risk.READ),
    "get_user_details": (WhichUser, Risk.READ),
    "get_order_details": (WhichOrder, Risk.READ),
    "get_product_details": (WhichProduct, Risk.READ),
    "get_item_details": (WhichItem, Risk.READ),
    "list_all_product_types": (ToolArgs, Risk.READ),
    "calculate": (Sum, Risk.READ),
    "transfer_to_human_agents": (HandOver, Risk.LOW),
    "cancel_pending_order": (Cancel, Risk.HIGH),
    "modify_pending_order_address": (OrderAddress, Risk.HIGH),
    "modify_pending_order_payment": (OrderPayment, Risk.HIGH),
    "modify_pending_order_items": (Swap, Risk.HIGH),
    "modify_user_address": (UserAddress, Risk.HIGH),
    "return_delivered_order_items": (Return, Risk.HIGH),
    "exchange_delivered_order_items": (Swap, Risk.HIGH),
}
"""Every tool of the shop; what is not reading waits for a person."""


def tools_of(present: Callable[[], TauShop]) -> list[Tool]:
    """The shop's tools, over whichever shop is present when they run."""

    def body(name: str) -> Callable[[Asking, ToolArgs], Awaitable[JsonValue]]:
        async def run(asking: Asking, want: ToolArgs) -> JsonValue:
            shop = present()
            if SHAPES[name][1] is not Risk.READ:
                shop.applied[asking.execution_id] += 1
            return shop.act(name, want)

        return run

    return [
        declare(name, (getattr(TauShop, name).__doc__ or "").strip(), shape, body(name), risk=risk)
        for name, (shape, risk) in SHAPES.items()
    ]
