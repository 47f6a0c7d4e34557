"""What the documents say is so."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from supportdesk.core.places import PACKAGE

ROOT = PACKAGE.parent
README = (ROOT / "README.md").read_text()
MANIFEST = PACKAGE / "static" / "dist" / "manifest.json"


def test_the_written_tables_are_in_step_with_the_code() -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, ROOT / ".ci" / "docs", "--check"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_begins_with_the_two_commands() -> None:
    lines = [line.strip() for line in README.splitlines() if line.startswith("    ")]
    assert lines[0].startswith("make run ")
    assert lines[1].startswith("make test ")


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:^    |`)make ([a-z]+)", README, re.MULTILINE))))
def test_every_make_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("place", sorted(set(re.findall(r"`([a-z_.]+/[a-z_./]*)`", README))))
def test_every_place_that_is_named_exists(place: str) -> None:
    tried = [place, f"{place}.py", f"supportdesk/{place}", f"supportdesk/{place}.py"]
    if "." in place.rpartition("/")[2]:
        tried.append(f"supportdesk/{place.rpartition('.')[0]}.py")
    assert any((ROOT / candidate).exists() for candidate in tried) or place.rstrip("/") == "var"


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_bundles_are_those_of_the_sources() -> None:
    """So that a machine without Node can tell, too."""
    manifest = orjson.loads(MANIFEST.read_bytes())

    def sha256(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest()

    assert len(manifest["sources"]) > 10
    changed = [name for name, digest in manifest["sources"].items() if sha256(ROOT / name) != digest]
    assert changed == [], "run make front and commit what it builds"
    for name, file in manifest["files"].items():
        assert sha256(MANIFEST.parent / name).startswith(file["hash"]), name
