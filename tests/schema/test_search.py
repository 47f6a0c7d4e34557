"""Search runs as the owner, so it is what keeps workspaces, audiences and scopes apart."""

from uuid import UUID

import asyncpg
import pytest

from supportdesk.core.db import Connection
from tests.schema.rows import Furnished, acting

ADD = """
    WITH document AS (
        INSERT INTO documents (workspace_id, scope, room_id, audience, filename, file_size, mime_type, content,
                               content_hash, processing_status)
        VALUES ($1, $2, $3, $4, $5, 1, 'text/markdown', $6, encode(sha256(($5 || $6)::bytea), 'hex'), $7) RETURNING id
    )
    INSERT INTO document_chunks (workspace_id, document_id, chunk_index, heading, content, start_position, end_position)
    SELECT $1, id, 0, $5, $6, 0, 1 FROM document RETURNING id
"""


async def add(
    conn: Connection,
    desk: Furnished,
    heading: str,
    content: str,
    *,
    audience: str = "guests",
    room: UUID | None = None,
    status: str = "completed",
) -> UUID:
    chunk: UUID = await conn.fetchval(
        ADD, desk.workspace, "room" if room else "workspace", room, audience, heading, content, status
    )
    return chunk


async def found(
    conn: Connection, desk: Furnished, query: str, *, audiences: str = "guests", room: UUID | None = None
) -> list[UUID]:
    async with acting(conn, "desk_app", desk.workspace):
        rows = await conn.fetch("SELECT chunk_id FROM desk_search_text($1, $2, 20, $3)", query, audiences.split(), room)
    return [row[0] for row in rows]


async def test_the_best_answer_comes_first_and_any_word_may_match(conn: Connection, acme: Furnished) -> None:
    refunds = await add(conn, acme, "Refunds", "We refund the money within five days of receiving the goods.")
    other = await add(conn, acme, "Opening hours", "The shop pays attention to its opening hours and refunds nobody.")
    assert (await found(conn, acme, "How long until I get refunded my money?"))[:2] == [refunds, other]


async def test_the_words_of_every_sentence_match_nothing(conn: Connection, acme: Furnished) -> None:
    await add(conn, acme, "The", "Is it of a kind that you have been to?")
    assert await found(conn, acme, "The kind of IT?") != []
    assert await found(conn, acme, "what is it that you have?") == []


async def test_accents_do_not_matter(conn: Connection, acme: Furnished) -> None:
    cafe = await add(conn, acme, "Café", "Das Café öffnet früh.")
    assert await found(conn, acme, "cafe offnet") == [cafe]


async def test_another_workspace_is_never_found(conn: Connection, acme: Furnished, rival: Furnished) -> None:
    await add(conn, rival, "Zebras", "Zebras are striped.")
    assert await found(conn, acme, "zebras") == []
    assert await found(conn, rival, "zebras") != []


async def test_without_a_workspace_nothing_is_found(conn: Connection, acme: Furnished) -> None:
    await add(conn, acme, "Zebras", "Zebras are striped.")
    async with acting(conn, "desk_app"):
        assert await conn.fetch("SELECT * FROM desk_search_text('zebras', '{guests,staff}')") == []


async def test_guests_are_not_quoted_what_is_for_staff(conn: Connection, acme: Furnished) -> None:
    secret = await add(conn, acme, "Goodwill", "Vouchers up to fifty may be given.", audience="staff")
    assert await found(conn, acme, "vouchers") == []
    assert await found(conn, acme, "vouchers", audiences="guests staff") == [secret]


async def test_a_document_of_a_room_is_found_in_that_room_only(conn: Connection, acme: Furnished) -> None:
    receipt = await add(conn, acme, "Receipt", "Order 4711", room=acme.room)
    assert await found(conn, acme, "4711") == []
    assert await found(conn, acme, "4711", room=acme.room) == [receipt]


@pytest.mark.parametrize("status", ["pending", "processing", "failed"])
async def test_an_unfinished_document_is_not_found(conn: Connection, acme: Furnished, status: str) -> None:
    await add(conn, acme, "Zebras", "Zebras are striped.", status=status)
    assert await found(conn, acme, "zebras") == []


@pytest.mark.parametrize("query", ["", "   ", "the of and", "'; DROP TABLE users; --", "a & | ! ( <-> :*", "\\'x\\"])
async def test_odd_queries_are_harmless(conn: Connection, acme: Furnished, query: str) -> None:
    assert await found(conn, acme, query) == []


async def crowd(conn: Connection, desk: Furnished, content: str, many: int, name: str = "crowd.md") -> None:
    """So many chunks of this content, in a document of their own."""
    await conn.execute(
        """
        WITH document AS (
            INSERT INTO documents
                (workspace_id, filename, file_size, mime_type, content, content_hash, processing_status)
            VALUES ($1, $4, 1, 'text/markdown', $2, encode(sha256(($4 || '')::bytea), 'hex'), 'completed') RETURNING id
        )
        INSERT INTO document_chunks (workspace_id, document_id, chunk_index, content, start_position, end_position)
        SELECT $1, id, n, $2, n, n + 1 FROM document, generate_series(0, $3 - 1) n
        """,
        *(desk.workspace, content, many, name),
    )


async def apart(conn: Connection, desk: Furnished, content: str, many: int) -> None:
    """So many documents of one chunk each."""
    await conn.execute(
        """
        WITH document AS (
            INSERT INTO documents
                (workspace_id, filename, file_size, mime_type, content, content_hash, processing_status)
            SELECT $1, $2 || n, 1, 'text/markdown', $2, encode(sha256(($2 || n)::bytea), 'hex'), 'completed'
            FROM generate_series(1, $3) n RETURNING id
        )
        INSERT INTO document_chunks (workspace_id, document_id, chunk_index, content, start_position, end_position)
        SELECT $1, id, 0, $2, 0, 1 FROM document
        """,
        *(desk.workspace, content, many),
    )


@pytest.mark.parametrize("many", [1001, 8001])  # read one by one, and looked up in the index
async def test_what_nearly_all_chunks_hold_does_not_keep_a_rare_word_from_being_found(
    conn: Connection, acme: Furnished, rival: Furnished, many: int
) -> None:
    await crowd(conn, acme, "Please send your parcel to the shop with the label and the invoice.", many)
    await crowd(conn, rival, "Zebras, zebras, zebras.", 200)
    zebras = await add(conn, acme, "Zebras", "A parcel with a zebra.")
    query = "please, can I send a parcel with label and invoice to the shop for my zebra?"
    assert (await found(conn, acme, query))[0] == zebras
    assert len(await found(conn, acme, "please send the parcel")) == 20


@pytest.mark.parametrize(("small", "large"), [(400, 5000), (3000, 1), (1, 1500)])
async def test_words_that_one_chunk_in_fifty_holds_all_count_however_the_documents_are_cut(
    conn: Connection, acme: Furnished, small: int, large: int
) -> None:
    for number, word in enumerate(("courier", "exchange", "invoice", "refund", "voucher", "warranty")):
        await crowd(conn, acme, f"About the {word} of the shop.", max(1, large // 50), f"{word}.md")
        await apart(conn, acme, f"The {word} of parcel {number}.", max(1, small // 50))
    await crowd(conn, acme, "The shop sells lamps.", large, "lamps.md")
    await apart(conn, acme, "The shop sells tents.", small)
    best = await add(conn, acme, "Best", "Refund, voucher, invoice and warranty.")
    assert (await found(conn, acme, "refund voucher invoice courier warranty exchange"))[0] == best


async def test_documents_of_another_workspace_that_are_handed_over_are_not_searched(
    conn: Connection, acme: Furnished, rival: Furnished
) -> None:
    zebras = await add(conn, rival, "Zebras", "Zebras are striped.")
    theirs = await conn.fetchval("SELECT array_agg(id) FROM documents WHERE workspace_id = $1", rival.workspace)
    near = [1.0] + [0.0] * 383
    searches = ["SELECT * FROM desk_search_text('zebras', '{guests}', 20, NULL, '{}', $1, $2)"]
    if await conn.fetchval("SELECT to_regtype('vector') IS NOT NULL"):
        await conn.execute("UPDATE document_chunks SET embedding = $2::real[]::vector WHERE id = $1", zebras, near)
        searches.append(
            "SELECT * FROM desk_search_vectors(array_prepend(1::real, array_fill(0::real, '{383}')), '{guests}', 20, "
            "NULL, '{}', $1, $2)"
        )
    for search in searches:
        for desk, rows in ((rival, 1), (acme, 0)):
            async with acting(conn, "desk_app", desk.workspace):
                assert len(await conn.fetch(search, theirs, 1)) == rows
                assert len(await conn.fetch(search, theirs, 1001)) == rows


async def test_meaning_is_searched_where_the_server_can(conn: Connection, acme: Furnished, rival: Furnished) -> None:
    near, far = [1.0] + [0.0] * 383, [0.0] * 383 + [1.0]
    if not await conn.fetchval("SELECT to_regtype('vector') IS NOT NULL"):
        with pytest.raises(asyncpg.UndefinedFunctionError):
            async with acting(conn, "desk_app", acme.workspace):
                await conn.fetch("SELECT * FROM desk_search_vectors($1::real[], '{guests}')", near)
        return
    by_answer = await add(conn, acme, "By answer", "a")
    by_question = await add(conn, acme, "By question", "b")
    staff = await add(conn, acme, "Staff", "c", audience="staff")
    foreign = await add(conn, rival, "Foreign", "d")
    for chunk in (by_answer, staff, foreign):
        await conn.execute("UPDATE document_chunks SET embedding = $2::real[]::vector WHERE id = $1", chunk, near)
    await conn.execute(
        "UPDATE document_chunks SET embedding = $2::real[]::vector, question_embedding = $3::real[]::vector "
        "WHERE id = $1",
        by_question, far, near,
    )  # fmt: skip
    async with acting(conn, "desk_app", acme.workspace):
        rows = await conn.fetch("SELECT chunk_id, similarity FROM desk_search_vectors($1::real[], '{guests}')", near)
    assert {row["chunk_id"]: round(row["similarity"], 6) for row in rows} == {by_answer: 1.0, by_question: 1.0}


ROOMS = "SELECT id FROM desk_search_rooms($1, $2, NULL, NULL, NULL, NULL, $3, NULL, NULL, 20)"
ANY_STATE = ["waiting", "active", "snoozed", "closed", "archived"]


async def rooms_found(conn: Connection, desk: Furnished, text: str, *, sees_private: bool = False) -> list[UUID]:
    async with acting(conn, "desk_app", desk.workspace):
        await conn.execute(f"SET LOCAL app.actor_id = '{desk.agent}'")
        return [row[0] for row in await conn.fetch(ROOMS, text, ANY_STATE, sees_private)]


@pytest.mark.parametrize("text", ["parcel", "WHERE IS", "Gina", "gina@example", "CASE-7"])
async def test_rooms_are_found_by_name_customer_and_issue_in_ones_own_workspace(
    conn: Connection, acme: Furnished, rival: Furnished, text: str
) -> None:
    await conn.execute("UPDATE chat_rooms SET issue_id = 'CASE-7'")
    assert await rooms_found(conn, acme, text) == [acme.room]
    assert await rooms_found(conn, rival, text) == [rival.room]


async def test_a_room_is_found_by_its_id_and_by_how_that_begins(conn: Connection, acme: Furnished) -> None:
    assert await rooms_found(conn, acme, str(acme.room)) == [acme.room]
    assert acme.room in await rooms_found(conn, acme, str(acme.room)[:13].upper())
    assert await rooms_found(conn, acme, str(acme.workspace)) == []


async def test_a_private_room_is_found_by_those_who_may_see_it(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE chat_rooms SET is_private = true WHERE id = $1", acme.room)
    assert await rooms_found(conn, acme, "parcel") == []
    assert await rooms_found(conn, acme, "parcel", sees_private=True) == [acme.room]
    await conn.execute(
        "INSERT INTO room_participants (workspace_id, room_id, user_id) VALUES ($1, $2, $3)",
        acme.workspace,
        acme.room,
        acme.agent,
    )
    assert await rooms_found(conn, acme, "parcel") == [acme.room]


async def test_signs_of_patterns_are_letters_like_any_other(conn: Connection, acme: Furnished) -> None:
    await conn.execute("UPDATE chat_rooms SET name = $2 WHERE id = $1", acme.room, r"50% of a\b_c")
    assert [await rooms_found(conn, acme, text) for text in ("50% of", r"a\b_c")] == [[acme.room]] * 2
    assert [await rooms_found(conn, acme, text) for text in ("5%f", r"a_b", r"\\", "%_%")] == [[]] * 4


async def test_without_a_workspace_no_room_is_found(conn: Connection, acme: Furnished) -> None:  # noqa: ARG001
    async with acting(conn, "desk_app"):
        assert await conn.fetch(ROOMS, "parcel", ANY_STATE, True) == []


async def test_an_old_room_with_a_rare_word_is_found_by_the_indexes(conn: Connection, acme: Furnished) -> None:
    """Behind more later rooms than are looked at one by one."""
    await conn.execute("SET LOCAL session_replication_role = replica")
    await conn.execute(
        "INSERT INTO chat_rooms (workspace_id, client_room_id, name, status, last_activity_at) "
        "SELECT $1, 'later' || n, 'Later', 'waiting', now() + n * interval '1 minute' FROM generate_series(1, 1100) n",
        acme.workspace,
    )
    assert await rooms_found(conn, acme, "my parcel") == [acme.room]
    assert len(await rooms_found(conn, acme, "later")) == 20
