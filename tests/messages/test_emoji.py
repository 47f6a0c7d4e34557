"""A reaction is one emoji: not two, not half a one, and no words."""

import pytest
from pydantic import TypeAdapter, ValidationError

from supportdesk.messages.wire import Emoji

ONE: TypeAdapter[str] = TypeAdapter(Emoji)


@pytest.mark.parametrize(
    "emoji",
    [
        "👍",
        "👍🏽",
        "❤️",
        "☺",
        "✔️",
        "©️",
        "1️⃣",
        "#⃣",
        "🇩🇪",
        "🏴\u200d☠️",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "👩🏽\u200d💻",
        "👨\u200d👩\u200d👧\u200d👦",
        "🏳️\u200d🌈",
        "🤷🏽\u200d♀️",
    ],
)
def test_one_emoji_is_a_reaction_however_many_characters_it_is_made_of(emoji: str) -> None:
    assert ONE.validate_python(emoji) == emoji


@pytest.mark.parametrize(
    "text",
    [
        "👍👎",
        "👍👍",
        "👍 👎",
        "🇩🇪🇫🇷",
        "🇩",
        "👍\u200d",
        "\u200d👍",
        "\u200d",
        "\ufe0f",
        "🏽🏽👍",
        "1️⃣2️⃣",
        "a",
        "1",
        "<b>",
        "👍a",
        "\u202e👍",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValidationError, match="one emoji"):
        ONE.validate_python(text)
