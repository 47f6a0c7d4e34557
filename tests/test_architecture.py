"""The rules of the architecture that no linter knows, and what the libraries must be at least."""

import ast
import importlib
import pkgutil
import re
from importlib.metadata import version
from pathlib import Path

import asyncpg
import orjson
import pytest

import supportdesk
from supportdesk import edges
from supportdesk.actor import Permission, allows
from supportdesk.core.http import Route
from supportdesk.core.places import PACKAGE
from supportdesk.core.sockets import SocketRoute
from supportdesk.rooms.model import VISIBILITY, EventKind
from tests.factories import make_workspace
from tests.journeys.conftest import DEBIANS

ROOT = PACKAGE.parent
SOURCES = sorted(PACKAGE.rglob("*.py")) + sorted((ROOT / "robots").rglob("*.py"))
DIST = PACKAGE / "static" / "dist"
FACES = sorted(
    path for kind in ("css", "js", "mjs") for path in DIST.parent.rglob(f"*.{kind}") if DIST not in path.parents
)
"""The browser side as it is written: style sheets, scripts, the build."""
SQL = re.compile(r"^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|ALTER|GRANT)\s", re.MULTILINE)
SQL_HOMES = {"queries", "roles", "migrations"}
"""Modules that hold SQL: each slice's queries, and the two that make the schema itself."""
FLOORS = {"aiohttp": "3.14.4", "python-socketio": "5.16.3", "python-engineio": "4.15", "asyncpg": "0.32.0"}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES + FACES, ids=where)
def test_no_file_grows_beyond_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_style_sheets_and_scripts_are_bundled_or_are_tests() -> None:
    bundled = set(orjson.loads((DIST / "manifest.json").read_bytes())["sources"])
    left = {where(path) for path in FACES} - bundled
    assert {path.suffix for path in FACES} == {".css", ".js", ".mjs"}
    assert [name for name in left if not name.endswith(".test.js") and "/src/testing/" not in name] == []


def test_sql_lives_in_queries_only() -> None:
    found = []
    for path in SOURCES:
        if path.stem in SQL_HOMES or "queries" in Path(where(path)).parts:
            continue
        found += [
            where(path)
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
        ]
    assert found == ["supportdesk/core/health.py"], "only the readiness probe says SELECT 1 by itself"


def test_only_the_core_and_the_robot_runner_catch_everything() -> None:
    homes = (
        "supportdesk/core/",
        "supportdesk/robots/",
        "supportdesk/tools/executor.py",  # whatever breaks in a tool, its row says how it went
        "supportdesk/app.py",
        "supportdesk/knowledge/pool.py",
    )
    caught = [
        f"{where(path)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and not where(path).startswith(homes)
    ]
    # These give back what they hold and let the error go on.
    passing = {
        "supportdesk/audit/reactions.py",
        "supportdesk/messages/flights.py",
        "supportdesk/permissions/revocation.py",
        "supportdesk/retention/actions.py",
    }
    assert {place.partition(":")[0] for place in caught} <= passing, caught


def test_only_the_sockets_core_emits() -> None:
    emitting = [
        where(path)
        for path in SOURCES
        if "import socketio" in path.read_text() and not path.stem.startswith(("fast_socket", "socket"))
    ]
    assert emitting == []


def test_no_module_is_called_nothing() -> None:
    vague = {"utils", "helpers", "common", "service", "services", "manager", "misc"}
    assert [where(path) for path in SOURCES if path.stem in vague] == []


def test_every_operation_names_its_permission_or_its_reason() -> None:
    routes: list[Route | SocketRoute] = [r for table in edges.HTTP for r in table.table]
    routes += [r for table in edges.SOCKETS for r in table.table]
    assert routes
    for route in routes:
        assert (route.needs is None) != (route.public is None)
        assert route.public is None or len(route.public.split()) > 2, "a reason is a phrase"


def test_every_permission_is_used_and_documented() -> None:
    text = "\n".join(path.read_text() for path in SOURCES if path.name != "actor.py")
    schema = "\n".join(path.read_text() for path in sorted((ROOT / "migrations").glob("0*.sql")))
    for permission in Permission:
        assert f"('{permission}'," in schema, f"{permission} has no row in the catalogue"
    unused = {p.name for p in Permission if not re.search(rf"\bPermission\.{p.name}\b", text)}
    assert unused == LATER | BY_ROWS


async def test_every_permission_is_granted_by_a_default_role(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    workspace = (await make_workspace(owner)).id
    rows = await owner.fetch(
        "SELECT r.name, p.pattern FROM roles r JOIN role_permissions p ON p.role_id = r.id WHERE r.workspace_id = $1",
        workspace,
    )
    admins = {p.name for p in Permission if any(allows(row["pattern"], p) for row in rows if row["name"] == "admin")}
    others = {p.name for p in Permission if any(allows(row["pattern"], p) for row in rows if row["name"] != "admin")}
    assert admins == set(Permission.__members__)
    assert admins - others == ADMINS_ALONE
    steps = await owner.fetch("SELECT permission FROM escalation_edges WHERE workspace_id = $1", workspace)
    assert {Permission(row["permission"]).name for row in steps} == BY_ROWS


LATER = {
    "FILE_UPLOAD",
    "FILE_READ",
    "SUPERVISOR_WHISPER",  # steers a robot's next turn; a whisper to colleagues is a note, and takes the right to one
    "SUPERVISOR_WALLBOARD",
    "RETENTION_PREVIEW",  # for a page; the command is for whoever has the server's shell
}
"""Granted by the schema for slices that are not yet here; a name leaves this list with its slice."""
BY_ROWS = {"ESCALATE_TO_T2", "ESCALATE_TO_T3", "ESCALATE_TO_MANAGER", "ESCALATION_LOWER"}
"""Asked for by the rows of escalation_edges, not by the code."""
ADMINS_ALONE = {
    "MODEL_READ",
    "MODEL_MANAGE",
    "ROBOT_CONFIGURE",
    "TOOL_CONFIGURE",
    "PEOPLE_INVITE",
    "PEOPLE_MANAGE",
    "JOB_RUN",
    "RETENTION_RUN",
    "WORKSPACE_MANAGE",
}
"""What no other default role includes; admins may do everything by a pattern."""


def test_every_event_kind_declares_who_may_see_it() -> None:
    assert set(VISIBILITY) == set(EventKind)


def test_the_browser_that_is_looked_for_is_the_one_that_the_journeys_drive() -> None:
    looked_for = " && ".join(f"[ -x {path} ]" for path in reversed(DEBIANS))
    assert f"{looked_for} && exit 0" in (ROOT / ".ci" / "browser").read_text()


@pytest.mark.parametrize(("library", "floor"), FLOORS.items())
def test_libraries_are_new_enough(library: str, floor: str) -> None:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", text)[:3]]

    assert numbers(version(library)) >= numbers(floor)


async def test_every_query_prepares_against_the_schema(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    prepared = 0
    for module in pkgutil.walk_packages(supportdesk.__path__, "supportdesk."):
        if "queries" not in module.name.split(".") or ".embedded" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if name.isupper() and isinstance(value, str) and SQL.match(value):
                try:
                    await owner.prepare(value)
                except asyncpg.PostgresError as error:
                    raise AssertionError(f"{module.name}.{name}: {error}") from error
                prepared += 1
    assert prepared > 100
