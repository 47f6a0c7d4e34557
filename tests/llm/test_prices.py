"""What calls cost by the price list that came with the installation; nothing is asked of any server."""

from decimal import Decimal
from uuid import uuid4

import pytest

from supportdesk.actor import WorkspaceId
from supportdesk.llm.engine import price
from supportdesk.llm.model import Kind, Provider, ProviderId, Usage


def provider(kind: Kind, base_url: str) -> Provider:
    """A provider of this kind."""
    return Provider(
        id=ProviderId(uuid4()),
        workspace_id=WorkspaceId(uuid4()),
        name="P",
        kind=kind,
        base_url=base_url,
        has_key=True,
        allows_private_address=False,
        default_model=None,
        is_active=True,
        is_default=True,
    )


OPENAI = provider(Kind.OPENAI, "https://api.openai.com/v1")
LOCAL = provider(Kind.OPENAI_COMPATIBLE, "http://127.0.0.1:11434/v1")


def test_cached_tokens_are_priced_apart() -> None:
    plain = price(OPENAI, "gpt-4.1-mini", Usage(input_tokens=1_000, output_tokens=100))
    cached = price(OPENAI, "gpt-4.1-mini", Usage(input_tokens=1_000, output_tokens=100, cached_tokens=500))
    assert plain == Decimal("0.00056"), "0.40 and 1.60 dollars a million, by OpenAI's list"
    assert cached == Decimal("0.00041"), "0.10 dollars a million for what was cached"


@pytest.mark.parametrize(("whose", "model"), [(OPENAI, "no-such-model"), (LOCAL, "gpt-4.1-mini"), (LOCAL, "llama3.1")])
def test_an_unknown_price_is_unknown(whose: Provider, model: str) -> None:
    assert price(whose, model, Usage(input_tokens=1_000, output_tokens=100)) is None
