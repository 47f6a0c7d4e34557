"""The measure over tau2-bench's retail tasks, on a shop of our own in the same format."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from supportdesk.errors import Invalid
from supportdesk.evaluation.tau2 import run_tau2_retail

ADDRESS = {"address1": "1 Mill Lane", "address2": "", "city": "York", "country": "UK", "state": "NY", "zip": "12345"}


def variant(item: str, price: float, colour: str) -> dict[str, Any]:
    return {"item_id": item, "price": price, "options": {"colour": colour}, "available": True}


def order(number: str, status: str) -> dict[str, Any]:
    return {
        "order_id": number,
        "user_id": "ada_1",
        "address": ADDRESS,
        "items": [{"name": "Mug", "product_id": "p1", "item_id": "m1", "price": 10.0, "options": {"colour": "red"}}],
        "status": status,
        "payment_history": [{"transaction_type": "payment", "amount": 10.0, "payment_method_id": "gift_1"}],
    }


SHOP = {
    "products": {
        "p1": {
            "name": "Mug",
            "product_id": "p1",
            "variants": {"m1": variant("m1", 10, "red"), "m2": variant("m2", 12.5, "blue")},
        }
    },
    "users": {
        "ada_1": {
            "user_id": "ada_1",
            "name": {"first_name": "Ada", "last_name": "Byron"},
            "email": "ada@example.com",
            "address": ADDRESS,
            "payment_methods": {
                "gift_1": {"source": "gift_card", "id": "gift_1", "balance": 5.0},
                "card_1": {"source": "credit_card", "id": "card_1"},
            },
        }
    },
    "orders": {"#W1": order("#W1", "pending"), "#W2": order("#W2", "delivered"), "#W3": order("#W3", "pending")},
}  # fmt: skip


def task(number: int, *actions: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(number),
        "evaluation_criteria": {"actions": [{"name": name, "arguments": args} for name, args in actions]},
    }


SWAP = {"order_id": "#W1", "item_ids": ["m1"], "new_item_ids": ["m2"], "payment_method_id": "gift_1"}
TASKS = [
    task(
        1,
        ("find_user_id_by_email", {"email": "ADA@example.com"}),
        ("get_order_details", {"order_id": "#W1"}),
        ("modify_pending_order_address", {"order_id": "#W1", **ADDRESS, "city": "Leeds"}),
        ("modify_pending_order_items", SWAP),
        ("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"}),  # refused: it was modified
    ),
    task(
        2,
        ("calculate", {"expression": "(12.5 - 10) * 2"}),
        ("cancel_pending_order", {"order_id": "#W3", "reason": "ordered by mistake"}),
        ("modify_user_address", {"user_id": "ada_1", **ADDRESS, "zip": "54321"}),
        ("return_delivered_order_items", {"order_id": "#W2", "item_ids": ["m1"], "payment_method_id": "gift_1"}),
        ("transfer_to_human_agents", {"summary": "They want more."}),
    ),
    task(3),
    task(4, ("exchange_delivered_order_items", SWAP | {"order_id": "#W2"}), ("get_order_details", {"order_id": "#W9"})),
    task(5, ("modify_pending_order_payment", {"order_id": "#W1", "payment_method_id": "card_1"})),
]


def write(folder: Path, shop: object, tasks: object) -> None:
    (folder / "db.json").write_bytes(orjson.dumps(shop))
    (folder / "tasks.json").write_bytes(orjson.dumps(tasks))


async def test_every_task_stops_at_approval_and_ends_as_its_gold_calls_say(tmp_path: Path) -> None:
    write(tmp_path, SHOP, TASKS)
    seen: list[tuple[int, int]] = []
    figures = await run_tau2_retail(tmp_path, lambda done, of: seen.append((done, of)))
    assert figures == {"tasks": 5, "passed": 5}
    assert seen == [(number, 5) for number in range(6)]


@pytest.mark.parametrize(
    ("shop", "tasks", "says"),
    [
        ({}, [], "not those of tau2-bench"),
        (SHOP, [{"id": "1", "evaluation_criteria": {"actions": [{}]}}], "not those of tau2-bench"),
        (SHOP, [task(1, ("drop_all_tables", {}))], "calls drop_all_tables, which is no tool"),
    ],
)
async def test_files_of_another_kind_are_refused(tmp_path: Path, shop: object, tasks: object, says: str) -> None:
    write(tmp_path, shop, tasks)
    with pytest.raises(Invalid, match=says):
        await run_tau2_retail(tmp_path, lambda _done, _of: None)


async def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="needs db"):
        await run_tau2_retail(tmp_path, lambda _done, _of: None)
