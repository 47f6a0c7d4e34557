"""What every table must have, read from the catalogue: so a table that forgets one of them fails here."""

import re
from collections.abc import Sequence

from supportdesk.core.db import Connection
from tests.schema.rows import ROWS, Furnished, sql

AUDITED = {
    "workspaces", "users", "roles", "role_permissions", "user_roles", "chat_rooms", "room_participants", "messages",
    "chat_file_attachments", "robots", "room_robots", "tool_executions", "documents", "plans", "provider_configs",
    "auto_approval_settings", "escalations", "escalation_edges", "sla_policies", "retention_policies", "legal_holds",
    "webhooks", "llm_budgets", "provider_models",
}  # fmt: skip

WITHOUT_WORKSPACE = {
    "access_permission_domains", "ai_models", "audited_tables", "job_pauses", "job_runs", "permissions", "plans",
    "schema_migrations", "sign_in_attempts",
}  # fmt: skip
"""Tables of the installation: no row of theirs belongs to a workspace."""

SETTING = "(NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid"

TABLES = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY 1
"""


async def names(conn: Connection, query: str, *values: object) -> set[str]:
    return {row[0] for row in await conn.fetch(query, *values)}


def listed(rows: Sequence[object]) -> str:
    return "\n".join(str(row) for row in rows)


async def test_every_table_of_a_workspace_has_forced_row_level_security_and_both_policies(conn: Connection) -> None:
    exposed = await conn.fetch(
        """
        SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, p.policies
        FROM pg_class c
        LEFT JOIN LATERAL (
            SELECT array_agg(polname || ' ' || coalesce(pg_get_expr(polqual, polrelid), '')
                             || ' ' || array_to_string(polroles::regrole[], ',') ORDER BY polname) AS policies
            FROM pg_policy WHERE polrelid = c.oid AND polcmd = '*' AND polpermissive
        ) p ON true
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relname <> ALL ($1)
        """,
        list(WITHOUT_WORKSPACE),
    )
    assert len(exposed) > 60
    for row in exposed:
        column = "id" if row["relname"] == "workspaces" else "workspace_id"
        assert row["relrowsecurity"], row
        assert row["relforcerowsecurity"], row
        assert row["policies"] == [
            "owner_rows true desk_owner",
            f"workspace_rows ({column} = {SETTING}) desk_app,desk_jobs,desk_reader",
        ], row


async def test_no_table_has_a_workspace_id_without_being_counted_as_one_of_a_workspace(conn: Connection) -> None:
    with_column = await names(
        conn,
        """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND a.attname = 'workspace_id'
        """,
    )
    tables = await names(conn, TABLES)
    assert with_column == tables - WITHOUT_WORKSPACE - {"workspaces"}


async def test_the_furnished_workspace_has_a_row_in_every_table(conn: Connection, acme: Furnished) -> None:
    del acme
    empty = [
        table
        for table in await names(conn, TABLES)
        if table not in {"job_pauses", "job_runs", "sign_in_attempts"}
        and not table.endswith("_history")
        and not await conn.fetchval(sql("SELECT EXISTS (SELECT 1 FROM {table})", table=table))
    ]
    assert not empty, f"tests/schema/rows.py lacks a row for {empty}"
    assert set(ROWS) <= await names(conn, TABLES)


async def test_every_audited_table_has_its_history_and_triggers(conn: Connection) -> None:
    assert await names(conn, "SELECT table_name FROM audited_tables") == AUDITED
    for table in AUDITED:
        history = await conn.fetchrow(
            "SELECT relkind::text AS kind, pg_get_partkeydef(oid) AS key FROM pg_class WHERE relname = $1",
            table + "_history",
        )
        assert history is not None, table
        assert tuple(history) == ("p", "RANGE (history_id)"), table
        told = await conn.fetchrow("SELECT * FROM audited_tables WHERE table_name = $1", table)
        assert told is not None
        expected = {f"log_{table}_deletes", f"trg_{table}_truncate"}
        expected |= {f"log_{table}_inserts"} if told["records_inserts"] else set()
        expected |= {f"log_{table}_updates"} if told["audited_columns"] else set()
        triggers = await names(
            conn, "SELECT tgname FROM pg_trigger WHERE tgrelid = $1::text::regclass AND NOT tgisinternal", table
        )
        assert expected <= triggers, table
        assert {f"trg_{table}_history_guard", f"trg_{table}_history_truncate"} <= await names(
            conn, "SELECT tgname FROM pg_trigger WHERE tgrelid = $1::text::regclass", table + "_history"
        )


async def test_the_columns_history_was_told_of_exist(conn: Connection) -> None:
    wrong = await conn.fetch(
        """
        SELECT t.table_name, c.name
        FROM audited_tables t
        CROSS JOIN LATERAL unnest(
            t.audited_columns || t.secret_columns || t.personal_columns || t.key_column) AS c (name)
        WHERE NOT EXISTS (
            SELECT 1 FROM pg_attribute a
            WHERE a.attrelid = t.table_name::regclass AND a.attname = c.name AND NOT a.attisdropped)
        """
    )
    assert not wrong, listed(wrong)


async def test_no_secret_reaches_history_or_the_reader(conn: Connection) -> None:
    secrets = await conn.fetch(
        """
        SELECT c.relname AS table_name, a.attname AS column_name,
               a.attname = ANY (coalesce(t.secret_columns, '{}')) OR t.table_name IS NULL AS kept_from_history,
               has_column_privilege('desk_reader', c.oid, a.attnum, 'SELECT') AS readable
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN audited_tables t ON t.table_name = c.relname
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND (a.attname ~ '_encrypted$' OR a.attname IN ('password_hash', 'token_hash', 'previous_token_hash'))
        """
    )
    assert len(secrets) > 8
    assert not [row for row in secrets if not row["kept_from_history"] or row["readable"]], listed(secrets)


async def test_the_reader_lacks_no_column_by_oversight(conn: Connection) -> None:
    hidden = await names(
        conn,
        """
        SELECT c.relname || '.' || a.attname
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND has_any_column_privilege('desk_reader', c.oid, 'SELECT')
          AND NOT has_column_privilege('desk_reader', c.oid, a.attnum, 'SELECT')
        """,
    )
    assert hidden == {
        "mcp_servers.secret_encrypted", "workspace_tools.secrets_encrypted",
        "outbox.payload", "provider_configs.api_key_encrypted", "robots.secrets_encrypted", "users.password_hash",
        "webhook_deliveries.payload", "webhook_deliveries.response_excerpt", "webhooks.secret_encrypted",
        "workspaces.identity_secret_encrypted", "workspaces.access_version",
    }  # fmt: skip


async def test_every_foreign_key_has_an_index_that_leads_with_it(conn: Connection) -> None:
    keys = await conn.fetch(
        """
        SELECT c.conname, c.conrelid::regclass::text AS table_name,
               (SELECT array_agg(a.attname::text ORDER BY k.nth) FROM unnest(c.conkey) WITH ORDINALITY AS k (num, nth)
                JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num) AS columns,
               coalesce((SELECT inhrelid FROM pg_inherits WHERE inhparent = c.conrelid LIMIT 1), c.conrelid) AS holder
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT t.relispartition
          AND c.conparentid = 0
        """
    )
    assert len(keys) > 100
    bare = []
    for key in keys:
        own = [column for column in key["columns"] if column != "workspace_id"] or ["workspace_id"]
        indexes = await conn.fetch(
            """
            SELECT (SELECT array_agg(a.attname::text ORDER BY k.nth)
                    FROM unnest(i.indkey) WITH ORDINALITY AS k (num, nth)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num) AS columns,
                   pg_get_expr(i.indpred, i.indrelid) AS predicate
            FROM pg_index i WHERE i.indrelid = $1 AND i.indisvalid
            """,
            key["holder"],
        )
        if not any(
            index["columns"] is not None
            and (index["columns"][:1] == own or index["columns"][:2] == ["workspace_id", *own])
            and index["predicate"] in (None, f"({own[0]} IS NOT NULL)")
            for index in indexes
        ):
            bare.append(key["conname"])
    assert not bare


async def test_references_between_tables_of_a_workspace_carry_it(conn: Connection) -> None:
    bare = await names(
        conn,
        """
        SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT t.relispartition
          AND c.conparentid = 0 AND cardinality(c.conkey) = 1
          AND c.confrelid <> ALL ('{workspaces,plans,permissions,access_permission_domains}'::regclass[])
        """,
    )
    # messages is the exception: these are held to their workspace by desk_check_message_workspace.
    guarded = await names(
        conn,
        """
        SELECT 'fk_' || tgrelid::regclass || '_message' FROM pg_trigger
        WHERE tgfoid = 'desk_check_message_workspace'::regproc
        """,
    )
    assert bare == guarded
    assert len(guarded) == 5


async def test_every_table_with_updated_at_has_its_trigger(conn: Connection) -> None:
    forgotten = await names(
        conn,
        """
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'updated_at'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgfoid = 'set_updated_at'::regproc)
        """,
    )
    assert not forgotten


async def test_constraints_and_indexes_are_named_as_seed_004_names_them(conn: Connection) -> None:
    prefix = {"p": "pk_", "u": "uq_", "f": "fk_", "c": "ck_"}
    constraints = await conn.fetch(
        """
        SELECT c.contype::text AS type, c.conname, t.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.connamespace = 'public'::regnamespace AND NOT t.relispartition AND c.conparentid = 0
          AND c.contype <> 'n' -- 18 names each NOT NULL too
        """
    )
    indexes = await names(
        conn,
        """
        SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        WHERE t.relnamespace = 'public'::regnamespace AND NOT t.relispartition
        """,
    )
    misnamed = [row for row in constraints if not row["conname"].startswith(prefix[row["type"]] + row["relname"])]
    assert not misnamed, listed(misnamed)
    assert not [name for name in indexes if not re.match(r"(pk|uq|idx)_", name)]


async def test_the_hot_tables_carry_no_trigger_on_insert_but_their_keys(conn: Connection) -> None:
    triggers = await names(
        conn,
        """
        SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger
        WHERE tgrelid = ANY ('{messages,room_events,message_dedup,room_heads}'::regclass[])
          AND NOT tgisinternal AND tgtype & 4 = 4
        """,
    )
    assert not triggers


async def test_partitions_are_granted_to_nobody(conn: Connection) -> None:
    granted = await names(
        conn,
        """
        SELECT c.relname FROM pg_class c
        CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
        WHERE c.relispartition AND a.grantee <> c.relowner
        """,
    )
    assert not granted


async def test_every_definer_function_has_a_fixed_search_path_and_is_not_public(conn: Connection) -> None:
    loose = await conn.fetch(
        """
        SELECT p.proname, p.proconfig, p.proacl FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
          AND (NOT coalesce('search_path=public, pg_temp' = ANY (p.proconfig), false)
               OR p.proacl IS NULL
               OR EXISTS (SELECT 1 FROM aclexplode(p.proacl) a WHERE a.grantee = 0))
        """
    )
    assert not loose, listed(loose)
