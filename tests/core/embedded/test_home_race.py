"""Two that start on a new data folder at the same moment."""

from pathlib import Path

import pytest

from supportdesk.core.embedded.home import Home


def test_a_folder_that_another_process_has_just_made_is_as_good_as_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as it was when the other had not made it yet
    Home(folder).prepare()
