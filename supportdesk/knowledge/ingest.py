"""Taking in files from disk, for `supportdesk knowledge ingest PATH…` and the demo workspace."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from supportdesk.actor import Actor
from supportdesk.core.db import Database, Lane
from supportdesk.errors import DeskError
from supportdesk.knowledge.actions import create_document
from supportdesk.knowledge.cutting import first_heading, front_matter
from supportdesk.knowledge.formats import sniff_named
from supportdesk.knowledge.model import (
    AUDIENCES,
    MAX_DOCUMENT_BYTES,
    MAX_FILE_BYTES,
    MAX_TITLE,
    Audience,
    NewDocument,
    Outcome,
    Processing,
    clean,
)
from supportdesk.knowledge.pool import Embeddings
from supportdesk.knowledge.processing import read_next

MARKDOWN: Final = frozenset({".md", ".markdown"})
SUFFIXES: Final = MARKDOWN | {".html", ".htm", ".pdf", ".docx", ".txt", ".csv"}
"""Files of a folder that are looked at; what they are is then told by their bytes."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What came of one file: an outcome, or the sentence that says why not."""

    path: Path
    outcome: Outcome | None
    problem: str | None = None
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the work stands: the file at hand, of how many; its chunks; `report` once the file is done."""

    path: Path
    number: int
    of: int
    chunks_done: int = 0
    chunks: int = 0
    report: FileReport | None = None


async def ingest_folder(
    db: Database,
    embeddings: Embeddings,
    actor: Actor,
    paths: Sequence[Path],
    *,
    progress: Callable[[Progress], None] = lambda _: None,
) -> list[FileReport]:
    """Take in files, and all files of folders that can be documents, and read them; a report per file, in order.

    A file is named by its path below the folder that was given, so that taking a folder in again makes new versions of
    what has changed and leaves the rest alone. What is wrong with one file never stops the others.
    """
    found = await asyncio.to_thread(lambda: list(_files(paths)))
    reports = []
    for number, (path, name) in enumerate(found, start=1):

        def watch(done: int, chunks: int, path: Path = path, number: int = number) -> None:
            progress(Progress(path, number, len(found), done, chunks))

        watch(0, 0)
        report = await _ingest(db, embeddings, actor, path, name, watch)
        reports.append(report)
        progress(Progress(path, number, len(found), report.chunks, report.chunks, report))
    while await read_next(db, embeddings, actor) is not None:  # the entries of tables, each for itself
        continue
    await embeddings.rest()
    return reports


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        if not path.is_dir():
            yield path, path.name
            continue
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        for file in inside:
            name = file.relative_to(path)
            if not any(part.startswith(".") for part in name.parts):
                yield file, name.as_posix()


async def _ingest(
    db: Database,
    embeddings: Embeddings,
    actor: Actor,
    path: Path,
    name: str,
    watch: Callable[[int, int], None],
) -> FileReport:
    try:
        new = await asyncio.to_thread(_read, actor, path, name)
        async with db.transaction(actor, lane=Lane.BACKGROUND) as tx:
            document, outcome = await create_document(tx, actor, new)
        if outcome is Outcome.DUPLICATE:
            return FileReport(path, outcome, f"The same text is already here under the name {document.filename}.")
        if outcome is Outcome.UNCHANGED and document.processing_status is Processing.COMPLETED:
            return FileReport(path, outcome)
        read = await read_next(db, embeddings, actor, document_id=document.id, watch=watch)
    except FileRefused as refused:
        return FileReport(path, None, str(refused))
    except DeskError as error:
        return FileReport(path, None, error.sentence)
    if read is None:  # the server's own sweep was faster
        return FileReport(path, outcome)
    return FileReport(path, outcome if read.problem is None else None, read.problem, read.chunks)


class FileRefused(Exception):
    """A file cannot become a document; the message says why and what to do."""


def _read(actor: Actor, path: Path, name: str) -> NewDocument:
    """The file as a document; raises FileRefused. Never reads more than the limit and one byte."""
    is_markdown = path.suffix.lower() in MARKDOWN
    most = MAX_DOCUMENT_BYTES if is_markdown else MAX_FILE_BYTES
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise FileRefused(f"The file cannot be read: {error.strerror or error}.") from error
    if len(raw) > most:
        raise FileRefused(f"The file is larger than {most // 2**20} MB; split it.")
    filename = clean(name.encode("utf-8", "replace").decode())
    if not is_markdown:
        return NewDocument(
            workspace_id=actor.workspace_id,
            filename=filename,
            title=None,
            content=None,
            original=raw,
            content_hash=hashlib.sha256(raw).hexdigest(),
            file_size=len(raw),
            mime_type=sniff_named(raw, path.name),
        )
    if b"\x00" in raw:
        raise FileRefused("This is no text file, whatever its name says.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(f"The file is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    said, body = front_matter(clean(text))
    if not body.strip():
        raise FileRefused("The file is empty.")
    if said.audience is not None and said.audience.lower() not in AUDIENCES:
        raise FileRefused(f"The audience “{said.audience}” is unknown; write guests or staff.")
    title = said.title or first_heading(body) or path.stem.replace("-", " ").replace("_", " ")
    return NewDocument(
        workspace_id=actor.workspace_id,
        filename=filename,
        title=title[:MAX_TITLE],
        content=body,
        content_hash=hashlib.sha256(raw).hexdigest(),
        file_size=len(raw),
        source_url=said.url,
        audience=AUDIENCES[said.audience.lower()] if said.audience else Audience.GUESTS,
    )
