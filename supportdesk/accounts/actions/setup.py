"""The first person of a desk, and people made at the command line."""

import secrets
from typing import Final

from supportdesk.accounts.actions.passwords import must_be_strong
from supportdesk.accounts.actions.people import NewPerson, make_staff
from supportdesk.accounts.actions.sign_in import Visitor, begin_session, person_as_actor
from supportdesk.accounts.model import ADMIN, Role
from supportdesk.accounts.passwords import Passwords
from supportdesk.accounts.queries import people
from supportdesk.actor import Level, UserId, WorkspaceId
from supportdesk.audit import actions as audit
from supportdesk.audit.model import Subject
from supportdesk.core.clock import Clock
from supportdesk.core.db import Connection, Database
from supportdesk.core.ids import uuid7
from supportdesk.core.limits import Limit
from supportdesk.core.secrets import digest, new_token
from supportdesk.errors import Forbidden, Invalid
from supportdesk.workspaces import access as workspaces
from supportdesk.workspaces.actions import Beginnings, create_workspace

ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that is read aloud as something else
GROUPS, GROUP = 4, 4
TRIES_A_MINUTE: Final = 10


class FirstRun:
    """The one-time code of an empty desk: printed by `serve`, kept as a digest in the memory of its process."""

    def __init__(self, clock: Clock) -> None:
        self._digest: bytes | None = None
        self._tries = Limit(TRIES_A_MINUTE, clock)

    def new_code(self) -> str:
        """A code to print; the one before counts no more."""
        code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
        self._digest = digest(_plain(code))
        return code

    def must_be(self, code: str) -> None:
        """Raise Forbidden unless this is the code."""
        self._tries.take("", "Too many tries; wait a little before the next one.")
        if self._digest is None or not secrets.compare_digest(self._digest, digest(_plain(code))):
            raise Forbidden(
                "This is not the one-time code; `supportdesk serve` prints it when it starts.", code="wrong_code"
            )

    def used(self) -> None:
        """The desk is set up: no code counts any more."""
        self._digest = None


def _plain(code: str) -> str:
    return "".join(character for character in code.upper() if character.isalnum())


async def first_run_code(db: Database, first_run: FirstRun) -> str | None:
    """The code for the first visit of a desk without a workspace, to be printed; None when it has one."""
    return None if await workspaces.is_set_up(db) else first_run.new_code()


async def set_up(
    db: Database,
    beginnings: Beginnings,
    passwords: Passwords,
    first_run: FirstRun,
    code: str,
    workspace_name: str,
    who: NewPerson,
    *,
    visitor: Visitor,
) -> str:
    """Make the first workspace and its admin, and begin their session, whose token is returned.

    Raises NotFound when the desk has a workspace, Forbidden for a wrong code.
    """
    first_run.must_be(code)
    must_be_strong(who.password, who.email.partition("@")[0], who.first_name, who.last_name, workspace_name)
    kept, token = await passwords.hash(who.password), new_token()
    workspace_id, user_id = WorkspaceId(uuid7()), UserId(uuid7())
    async with db.transaction(person_as_actor(workspace_id, user_id)) as tx:
        await workspaces.must_be_empty(tx)
        await create_workspace(tx, workspace_name, beginnings)
        role = await _role_called(tx.conn, ADMIN)
        await make_staff(tx, user_id, who, kept, role, level=Level.T3, is_verified=False, granted_by=None)
        await begin_session(tx, token, visitor)
    first_run.used()
    return token


async def create_user(
    db: Database,
    beginnings: Beginnings,
    passwords: Passwords,
    who: NewPerson,
    *,
    role_name: str = "agent",
    level: Level | None = Level.T1,
    workspace_name: str | None = None,
) -> UserId:
    """Make an account from the command line; on an empty desk with the workspace that it names.

    Raises Invalid when it is not clear which workspace is meant, Conflict when the e-mail address has an account.
    """
    must_be_strong(who.password, who.email.partition("@")[0], who.first_name, who.last_name)
    known = await workspaces.list_workspaces(db)
    matching = [id_ for id_, name in known.items() if workspace_name is None or name == workspace_name]
    if known and len(matching) != 1:
        names = ", ".join(sorted(known.values()))
        raise Invalid(f"Say which workspace with --workspace: there are {names}.")
    kept = await passwords.hash(who.password)
    user_id = UserId(uuid7())
    workspace_id = matching[0] if matching else WorkspaceId(uuid7())
    async with db.transaction(person_as_actor(workspace_id, user_id)) as tx:
        if not matching:
            await workspaces.must_be_empty(tx)
            await create_workspace(tx, workspace_name or "Support", beginnings)
        role = await _role_called(tx.conn, role_name)
        await make_staff(tx, user_id, who, kept, role, level=level, is_verified=False, granted_by=None)
        await audit.note(tx, "person.created", Subject("user", user_id), role=role.name)
    return user_id


async def _role_called(conn: Connection, name: str) -> Role:
    roles = await people.list_roles(conn)
    role = next((role for role in roles if role.name == name), None)
    if role is None:
        raise Invalid(f"There is no role called {name}; there are {', '.join(role.name for role in roles)}.")
    return role
