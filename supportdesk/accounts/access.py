"""The door to other people's accounts."""

from uuid import UUID

from supportdesk.accounts.model import AccountStatus, Person, Role, covers
from supportdesk.accounts.queries import people, sessions
from supportdesk.actor import Actor, UserId
from supportdesk.core.db import Connection, Database, Tx
from supportdesk.errors import Forbidden, Invalid, NotFound


async def person_for(conn: Connection, user_id: UUID) -> Person:
    """A member of one's own workspace's staff; raises NotFound alike for guests, robots, strangers and nobody."""
    person = await people.find_person(conn, user_id)
    if person is None:
        raise NotFound("There is nobody of that id among the staff.")
    return person


async def person_to_manage(tx: Tx, actor: Actor, user_id: UUID) -> Person:
    """Somebody whom the actor may change: not themselves, and nobody who may do more than they may.

    Holds the list of admins until the transaction ends.
    """
    await people.lock_admins(tx.conn)
    person = await person_for(tx.conn, user_id)
    if person.id == actor.id:
        raise Forbidden("You cannot change your own role, level or status; ask another admin.", code="own_account")
    if not covers(actor.grants, await people.patterns_of(tx.conn, person.id)):
        raise Forbidden("This person's role includes more than yours; ask somebody who has as much.", code="outranked")
    return person


async def role_to_give(conn: Connection, actor: Actor, name: str) -> Role:
    """A role that the actor may give away: nobody gives what they do not have."""
    role = next((role for role in await people.list_roles(conn) if role.name == name), None)
    if role is None:
        raise Invalid(f"There is no role called {name}.", fields=[{"field": "role", "problem": "it does not exist"}])
    if not covers(actor.grants, role.patterns):
        raise Forbidden(f"The role {name} includes more than your own, so you cannot give it.", code="outranked")
    return role


async def find_staff(db: Database, email: str) -> tuple[UserId, AccountStatus] | None:
    """Whose e-mail address this is, in whichever workspace, and how their account stands."""
    async with db.bare() as conn:
        found = await sessions.staff_by_email(conn, email.strip().lower())
    return None if found is None else (found.user_id, AccountStatus(found.account_status))
