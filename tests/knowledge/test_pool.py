"""The pool: starts when needed, survives a dead worker, leaves no process behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest

from supportdesk.core.tasks import Tasks
from supportdesk.knowledge.embedding import Embedder
from supportdesk.knowledge.pool import LOOKED_AT, Embeddings, WorkerLate, WorkerLost


async def test_questions_never_hold_up_the_loop(embeddings: Embeddings) -> None:
    work = Tasks().spawn(embeddings.of_questions([f"question {n}" for n in range(100)]), name="questions")
    turns = 0
    while not work.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 5
    assert (await work).shape == (100, 384)


async def test_texts_that_were_looked_at_of_late_are_not_read_again(embeddings: Embeddings) -> None:
    others = [f"Answer {n} is about parcels" for n in range(LOOKED_AT + 20)]
    first = await embeddings.closeness("where is my parcel", others)
    assert first == await embeddings.closeness("where is my parcel", others)
    assert len(first) == len(others)
    assert len(embeddings._wordings) == LOOKED_AT


async def test_a_worker_embeds_as_this_process_does_and_counts_tokens(
    embeddings: Embeddings, embedder: Embedder
) -> None:
    texts = ["Returns\nSend it back within 30 days.", "x"]
    embedded = await embeddings.of_passages(texts)
    vectors = np.array([json.loads(vector) for vector in embedded.vectors])
    assert abs(vectors - embedder.embed(texts)).max() < 1e-5
    assert embedded.tokens == tuple(embedder.count_tokens(text) for text in texts)


async def test_no_process_runs_before_the_first_document_nor_after_a_rest(embeddings: Embeddings) -> None:
    assert embeddings.pids == []
    assert [chunk.content for chunk in await embeddings.cut("T", "Text.")] == ["Text."]
    (pid,) = embeddings.pids
    assert os.sched_getscheduler(pid) == os.SCHED_IDLE, "whoever talks goes first"
    await embeddings.rest()
    assert embeddings.pids == []
    assert not psutil.pid_exists(pid)
    assert await embeddings.cut("T", "Again.")


async def test_a_worker_does_not_rest_while_a_document_is_being_read(embeddings: Embeddings) -> None:
    async with embeddings.reading():
        await embeddings.cut("T", "Text.")
        await embeddings.rest()
        assert len(embeddings.pids) == 1
    await embeddings.rest()
    assert embeddings.pids == []


async def test_a_killed_worker_is_replaced(embeddings: Embeddings) -> None:
    await embeddings.cut("T", "Text.")
    (pid,) = embeddings.pids
    os.kill(pid, signal.SIGKILL)
    assert await embeddings.cut("T", "Text.")
    assert embeddings.pids != [pid]


class Deadly:
    """Ends the process that unpacks it."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return os._exit, (1,)


async def test_an_errand_that_kills_two_workers_is_given_up(embeddings: Embeddings) -> None:
    with pytest.raises(WorkerLost):
        await embeddings._send("cut", Deadly())
    assert await embeddings.cut("T", "Text.")


async def test_a_worker_that_does_not_answer_is_ended_and_replaced(
    embeddings: Embeddings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await embeddings.cut("T", "Text.")
    (pid,) = embeddings.pids
    monkeypatch.setattr("supportdesk.knowledge.pool.ERRAND_S", 0.0)
    with pytest.raises(WorkerLate):
        await embeddings.cut("T", "x" * 1_000_000)
    assert not psutil.pid_exists(pid)
    monkeypatch.undo()
    assert await embeddings.cut("T", "Text.")


def test_workers_end_with_a_desk_that_is_killed() -> None:
    program = (
        "import asyncio, sys\n"
        "from supportdesk.knowledge.pool import Embeddings\n"
        "async def main():\n"
        "    pool = Embeddings(workers=1)\n"
        "    await pool.cut('T', 'Text.')\n"
        "    print(pool.pids[0], flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as desk:  # noqa: S603
        assert desk.stdout is not None
        worker = psutil.Process(int(desk.stdout.readline()))
        desk.kill()
        desk.wait(timeout=10)
        psutil.wait_procs([worker], timeout=10)
        assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
