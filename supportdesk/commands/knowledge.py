"""knowledge ingest."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from supportdesk.actor import Actor, WorkspaceId
from supportdesk.commands.database import open_database
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.errors import Invalid

if TYPE_CHECKING:
    from supportdesk.knowledge.ingest import FileReport, Progress

BAR: Final = 20


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    knowledge = commands.add_parser("knowledge", help="give the robots something to answer from")
    what = knowledge.add_subparsers(dest="what", required=True, metavar="ingest")
    ingest = what.add_parser("ingest", help="take in files of any kind that can be read, and those of folders")
    ingest.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a file, or a folder of them",
    )
    ingest.add_argument("--workspace", help="its name; needed when there are several")
    ingest.set_defaults(run=run_ingest)


async def run_ingest(settings: Settings, chosen: argparse.Namespace) -> int:
    """Take the files in with a bar on standard error; 1 when one of them could not be."""
    missing = [path for path in chosen.paths if not path.exists()]
    if missing:
        raise Invalid(f"There is no file or folder {missing[0]}.")
    from supportdesk import app as wiring
    from supportdesk.core.http import RESOURCES
    from supportdesk.knowledge.ingest import ingest_folder
    from supportdesk.knowledge.pool import Embeddings

    async with open_database(settings) as dsn:
        resources = wiring.build(settings, dsn)[RESOURCES]
        db, embeddings = resources.get(Database), resources.get(Embeddings)
        await db.open()
        try:
            actor = Actor.system(await _workspace(db, chosen.workspace))
            reports = await ingest_folder(db, embeddings, actor, chosen.paths, progress=_show)
        finally:
            await embeddings.close()
            await db.close()
    if not reports:
        raise Invalid("Nothing that was named can be a document; .md, .html, .pdf, .docx, .txt and .csv are taken.")
    failed = [report for report in reports if report.outcome is None]
    counts = {report.outcome: 0 for report in reports if report.outcome is not None}
    for report in reports:
        if report.outcome is not None:
            counts[report.outcome] += 1
    parts = [f"{count} {outcome}" for outcome, count in counts.items()] + ([f"{len(failed)} failed"] if failed else [])
    sys.stdout.write(f"{len(reports)} {'file' if len(reports) == 1 else 'files'}: {', '.join(parts)}.\n")
    return 1 if failed else 0


async def _workspace(db: Database, name: str | None) -> WorkspaceId:
    from supportdesk.workspaces.access import list_workspaces

    known = await list_workspaces(db)
    if not known:
        raise Invalid("The desk has no workspace yet; make one with supportdesk create-user --admin, or at /setup.")
    matching = [workspace_id for workspace_id, known_as in known.items() if name in (None, known_as)]
    if len(matching) != 1:
        raise Invalid(f"Say which workspace with --workspace: there are {', '.join(sorted(known.values()))}.")
    return matching[0]


def _show(progress: "Progress") -> None:
    """A line per file; at a terminal it grows while the file is read."""
    if progress.report is not None:
        start = "\r\x1b[K" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{start}{_count(progress)} {progress.path}: {_verdict(progress.report)}\n")
    elif sys.stderr.isatty():
        filled = BAR * progress.chunks_done // progress.chunks if progress.chunks else 0
        bar = "#" * filled + "." * (BAR - filled)
        sys.stderr.write(f"\r\x1b[K{_count(progress)} [{bar}] {progress.path}")
    sys.stderr.flush()


def _count(progress: "Progress") -> str:
    return f"{progress.number:>{len(str(progress.of))}}/{progress.of}"


def _verdict(report: "FileReport") -> str:
    if report.outcome is None:
        return f"failed. {report.problem}"
    if report.problem is not None:
        return f"{report.outcome}. {report.problem}"
    return f"{report.outcome}, {report.chunks} chunks" if report.chunks else str(report.outcome)
