"""What one sees of a stranger's text is what it is."""

import re
from pathlib import Path

from supportdesk.core import plainly as module
from supportdesk.core.places import PACKAGE
from supportdesk.core.plainly import plainly

CLIENT = PACKAGE / "static" / "src" / "inbox" / "plainly.js"


def test_what_reorders_text_or_is_not_seen_is_spelled_out() -> None:
    assert plainly("<img src=x>\u202eevil") == "<img src=x>⟨U+202E⟩evil"
    assert plainly("a\x00\xad\x85\ufeff\U000e0041\u2066b") == "a⟨U+0000⟩⟨U+00AD⟩⟨U+0085⟩⟨U+FEFF⟩⟨U+E0041⟩⟨U+2066⟩b"
    assert plainly("Zwei\n\tZeilen, שלום 🙂") == "Zwei\n\tZeilen, שלום 🙂"


def test_the_inbox_spells_out_the_same_characters() -> None:
    there = re.search(r"/\[(.*)\]/gu;", Path(CLIENT).read_text())
    here = module.HIDDEN.pattern.strip("[]")
    assert there is not None
    spelled = re.sub(r"\\u(?:\{([0-9a-f]+)\}|([0-9a-f]{4}))", lambda each: chr(int(each[1] or each[2], 16)), there[1])
    assert spelled == here
