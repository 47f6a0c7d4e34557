"""A wheel that is installed elsewhere does everything that a checkout does."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from supportdesk import __version__
from supportdesk.core.places import PACKAGE
from tests.commands.shell import PATIENCE_S, run, serving

ROOT = PACKAGE.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    where = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 - our own build
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", where, ROOT],
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    return next(where.glob("*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a fresh environment that shares the libraries of this one, but not the checkout."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home, with_pip=False)
    site = next((home / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    libraries = os.pathsep.join(place for place in sys.path if place.endswith("-packages"))
    (site / "libraries.pth").write_text(libraries.replace(os.pathsep, "\n") + "\n")
    command = home / "bin" / "supportdesk"
    # As pip writes it: embedding starts processes that import this file again.
    command.write_text(
        f"#!{home}/bin/python\nfrom supportdesk.cli import main\nif __name__ == '__main__':\n    main()\n"
    )
    command.chmod(0o755)
    return command


def test_everything_travels_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        points = packed.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert "supportdesk = supportdesk.cli:main" in points
    for folder in ("robots", "templates", "migrations"):
        inside = {name for name in names if name.startswith(f"supportdesk/_bundled/{folder}/")}
        files = subprocess.run(  # noqa: S603 - git says what belongs to the checkout
            ["git", "ls-files", folder],  # noqa: S607 - whichever git there is
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert {f"supportdesk/_bundled/{file}" for file in files} == inside
    assert any(name.startswith("supportdesk/static/dist/") for name in names)
    assert sum(name.startswith("supportdesk/demo/") and name.endswith(".md") for name in names) >= 40
    assert not any(name.startswith("tests/") for name in names)


def test_an_installed_wheel_works_away_from_the_checkout(program: Path, tmp_path: Path, migrated_database: str) -> None:
    env = {
        "PATH": os.environ["PATH"],  # noqa: TID251 - what programs need to run at all
        "SUPPORTDESK_DATA_DIR": str(tmp_path / "var"),
        "SUPPORTDESK_DATABASE_URL": migrated_database,
    }

    def desk(*words: str) -> str:
        ended = run(tmp_path, *words, program=(program,), env=env)
        assert ended.status == 0, ended.err
        return ended.out

    assert desk("--version") == f"supportdesk {__version__}\n"
    listed = desk("robots", "list")
    assert "faq" in listed
    assert "not loaded" not in listed
    assert desk("migrate").startswith("The schema is at version ")
    assert '"openapi": "3.1.0"' in desk("openapi")
    with serving(tmp_path, "demo", program=(program,), env=env) as server:
        for page in ("/demo", "/demo/help", "/login", "/widget.js", "/widget/demo"):
            assert server.status(page) == 200, page
        ended = server.stop()
    assert ended.status == 0, ended.err
    assert "t1@demo.test" in ended.out
    assert desk("demo", "--remove") == "The demo workspace is removed.\n"
    assert desk("demo", "--remove") == "There is no demo workspace here.\n"
