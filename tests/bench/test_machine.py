"""What the measurements know of processes."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench.machine import cpu_us

WORK = "import time\nwhile time.process_time() < 0.2: pass"
PARENT = f"""
import subprocess, sys
done = subprocess.run([sys.executable, "-c", {WORK!r}])
lasting = subprocess.Popen([sys.executable, "-c", {WORK!r} + "\\nprint(1, flush=True)\\ninput()"], stdin=-1)
input()
lasting.communicate(b"\\n")
"""


@pytest.fixture
def family() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing, one of its children that has ended, and one that lives, each with 0.2 s of work."""
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:  # noqa: S603 - our own
        yield parent
        parent.communicate(b"\n")


def test_the_time_of_a_server_is_that_of_all_its_processes(family: "subprocess.Popen[bytes]") -> None:
    assert family.stdout is not None
    assert family.stdout.readline() == b"1\n"  # the second child has worked, after the first has ended
    assert 350_000 <= cpu_us(family.pid) < 1_000_000  # the kernel counts in hundredths of a second, rounded down
