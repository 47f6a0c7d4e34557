"""Two that start on a new data folder at the same moment."""

import stat
from pathlib import Path

import pytest

from supportdesk.core.embedded.home import Home


def test_a_folder_that_another_process_has_just_made_is_as_good_as_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as it was when the other had not made it yet
    Home(folder).prepare()
    monkeypatch.undo()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700, "how the other made it is how it stays"
    assert list(folder.iterdir()) == []
