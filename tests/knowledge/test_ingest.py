"""Folders: every file is read or named with a reason, and the second time only what has changed."""

from pathlib import Path

import pytest

from supportdesk.knowledge.ingest import FileReport, Progress, ingest_folder
from supportdesk.knowledge.model import MAX_DOCUMENT_BYTES, Outcome
from tests.knowledge import files
from tests.knowledge.conftest import Shelf


async def ingest(shelf: Shelf, *paths: Path) -> dict[str, FileReport]:
    return {report.path.name: report for report in await ingest_folder(shelf.db, shelf.embeddings, shelf.system, paths)}


async def test_a_folder_is_read_with_titles_addresses_and_audiences(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "a.md").write_text("---\ntitle: Shipping\nurl: /help/shipping\n---\nIt takes 3 days.\n")
    (tmp_path / "b.markdown").write_text("# Opening hours\n\nWe open at nine.\n")
    (tmp_path / "house-rules.md").write_text("---\naudience: staff\n---\nBe kind to guests.\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "c.md").write_text("Hidden.\n")
    seen: list[Progress] = []
    reports = await ingest_folder(shelf.db, shelf.embeddings, shelf.system, [tmp_path], progress=seen.append)
    assert [(report.path.name, report.outcome, report.chunks) for report in reports] == [
        ("b.markdown", Outcome.ADDED, 1),
        ("a.md", Outcome.ADDED, 1),
        ("house-rules.md", Outcome.ADDED, 1),
    ]
    (hit,) = [hit for hit in await shelf.finds("how long is shipping") if hit.url == "/help/shipping"]
    assert (hit.title, hit.text) == ("Shipping", "It takes 3 days.")
    assert {hit.title for hit in await shelf.finds("rules", limit=10)} == {"Shipping", "Opening hours"}
    assert [progress.report for progress in seen if progress.report] == reports
    assert [(progress.number, progress.of) for progress in seen if progress.report] == [(1, 3), (2, 3), (3, 3)]


async def test_only_what_has_changed_is_read_again(shelf: Shelf, tmp_path: Path) -> None:
    one, two = tmp_path / "one.md", tmp_path / "two.md"
    one.write_text("The first text.\n")
    two.write_text("The second text.\n")
    await ingest(shelf, tmp_path)
    two.write_text("The second text, changed.\n")
    reports = await ingest(shelf, tmp_path)
    assert reports["one.md"].outcome is Outcome.UNCHANGED
    assert reports["two.md"].outcome is Outcome.REPLACES
    assert {hit.text for hit in await shelf.finds("text")} == {"The first text.", "The second text, changed."}


async def test_what_is_wrong_with_one_file_stops_no_other(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.md").write_text("---\ntitle: Nothing\n---\n\n")
    (tmp_path / "latin.md").write_bytes("Rückgabe".encode("latin-1"))
    (tmp_path / "huge.md").write_bytes(b"x" * (MAX_DOCUMENT_BYTES + 1))
    (tmp_path / "headings.md").write_text("# One\n\n## Two\n")
    (tmp_path / "secret.md").write_text("---\naudience: everybody\n---\nText.\n")
    (tmp_path / "link.md").write_text("---\nurl: javascript:alert(1)\n---\nText with a link.\n")
    (tmp_path / "zero.md").write_bytes(b"Nu\x00l.")
    (tmp_path / "odd.md").write_bytes(b"Odd \xef\xbf\xbd.\r\nNext line.")
    (tmp_path / "good.md").write_text("A good text.\n")
    (tmp_path / "twin.md").write_text("A good text.\n")
    reports = await ingest(shelf, tmp_path, tmp_path / "gone.md", tmp_path / "pipe.txt")
    problems = {name: report.problem for name, report in reports.items()}
    assert problems == {
        "empty.md": "The file is empty.",
        "latin.md": "The file is not UTF-8 text (byte 1); save it as UTF-8.",
        "huge.md": "The file is larger than 10 MB; split it.",
        "headings.md": "The document has headings or links only, and no text.",
        "secret.md": "The audience “everybody” is unknown; write guests or staff.",
        "link.md": "The address of a document must begin with https://, http:// or a single /.",
        "zero.md": "This is no text file, whatever its name says.",
        "odd.md": None,
        "good.md": None,
        "twin.md": "The same text is already here under the name good.md.",
        "gone.md": "The file cannot be read: No such file or directory.",
        "pipe.txt": "The file cannot be read: No such file or directory.",
    }
    assert {hit.text for hit in await shelf.finds("text line", limit=9)} == {
        "A good text.",
        "Odd \ufffd.\nNext line.",
    }


async def test_a_folder_may_hold_files_of_every_kind(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(files.pdf("Refunds take five days."))
    (tmp_path / "b.docx").write_bytes(files.docx("Shipping", "Parcels need three days."))
    (tmp_path / "c.html").write_text("<html><body><h1>Gifts</h1><p>We wrap them in paper.</p></body></html>")
    (tmp_path / "scan.pdf").write_bytes(files.pdf("", ""))
    (tmp_path / "photo.txt").write_bytes(b"\x89PNG")
    reports = await ingest(shelf, tmp_path)
    assert {name: report.outcome for name, report in reports.items() if report.outcome} == {
        "a.pdf": Outcome.ADDED,
        "b.docx": Outcome.ADDED,
        "c.html": Outcome.ADDED,
    }
    assert "was scanned" in (reports["scan.pdf"].problem or "")
    assert "is a picture" in (reports["photo.txt"].problem or "")
    assert (await shelf.finds("how long do parcels need"))[0].title == "Shipping"
