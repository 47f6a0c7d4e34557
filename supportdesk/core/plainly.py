"""Text of strangers as it is: what reorders it, or is not seen at all, is spelled out."""

import re
from typing import Final

HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Controls but line feed and tab, marks of direction, blanks of no width, tags. plainly.js has the same ones."""


def plainly(text: object) -> str:
    """The text with `⟨U+202E⟩` in place of each such character; whoever approves a call must see what will run."""
    return HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", str(text))
