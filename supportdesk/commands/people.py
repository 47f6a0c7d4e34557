"""create-user, permissions."""

import argparse
import getpass
import sys
from typing import Any

from supportdesk.actor import Level, Permission
from supportdesk.commands.database import open_database
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.core.mail import normal_email
from supportdesk.errors import Invalid, NotFound

ROLES = ("agent", "supervisor", "manager", "admin")


def add_to(commands: Any) -> None:
    """Add the commands of this module."""
    user = commands.add_parser("create-user", help="make an account for somebody of the staff")
    user.add_argument("--email", required=True, type=_email)
    user.add_argument("--name", required=True, help="first and last name")
    user.add_argument("--role", choices=ROLES, default="agent")
    user.add_argument("--admin", action="store_const", dest="role", const="admin", help="the same as --role admin")
    user.add_argument("--level", choices=[str(level) for level in Level], default="T1")
    user.add_argument("--workspace", help="its name; made when the desk is still empty")
    user.set_defaults(run=run_create_user)
    permissions = commands.add_parser("permissions", help="list what can be allowed, or explain a decision")
    what = permissions.add_subparsers(dest="what", required=True, metavar="list | explain")
    what.add_parser("list", help="everything that can be allowed").set_defaults(run=list_permissions)
    explain = what.add_parser("explain", help="which rule gives or denies somebody a permission")
    explain.add_argument("email")
    explain.add_argument("permission", type=_permission)
    explain.set_defaults(run=explain_permission)


def _email(text: str) -> str:
    try:
        return normal_email(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no e-mail address") from None


def _permission(text: str) -> Permission:
    try:
        return Permission(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"there is no permission called {text}, see supportdesk permissions list"
        ) from None


def _password() -> str:
    """Asked for twice at a terminal, else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise Invalid("The two passwords differ; try again.")
    return first


async def run_create_user(settings: Settings, chosen: argparse.Namespace) -> int:
    """Make the account; on an empty desk, the workspace with it."""
    from supportdesk import app as wiring
    from supportdesk.accounts.actions.people import NewPerson
    from supportdesk.accounts.actions.setup import create_user
    from supportdesk.accounts.passwords import Passwords
    from supportdesk.core.http import RESOURCES
    from supportdesk.workspaces.actions import Beginnings

    first, _, last = chosen.name.strip().partition(" ")
    who = NewPerson(email=chosen.email, first_name=first, last_name=last.strip(), password=_password())
    async with open_database(settings) as dsn:
        resources = wiring.build(settings, dsn)[RESOURCES]
        db = resources.get(Database)
        await db.open()
        try:
            await create_user(
                db,
                resources.get(Beginnings),
                resources.get(Passwords),
                who,
                role_name=chosen.role,
                level=Level(chosen.level),
                workspace_name=chosen.workspace,
            )
        finally:
            await db.close()
    sys.stdout.write(f"{who.email} can sign in at {settings.origin}/login as {chosen.role}.\n")
    return 0


async def list_permissions(_settings: Settings, _chosen: argparse.Namespace) -> int:
    """Print the catalogue."""
    sys.stdout.writelines(f"{permission}\n" for permission in Permission)
    return 0


async def explain_permission(settings: Settings, chosen: argparse.Namespace) -> int:
    """Say which rule gives or denies somebody a permission; 1 when they do not have it."""
    from supportdesk import app as wiring
    from supportdesk.accounts.queries.sessions import staff_by_email
    from supportdesk.core.http import RESOURCES
    from supportdesk.permissions.grants import Grants

    async with open_database(settings) as dsn:
        resources = wiring.build(settings, dsn)[RESOURCES]
        db, grants = resources.get(Database), resources.get(Grants)
        await db.open()
        try:
            async with db.bare() as conn:
                known = await staff_by_email(conn, chosen.email.strip().lower())
            if known is None:
                raise NotFound("Nobody of the staff has this e-mail address.")
            verdict = await grants.explain(known.user_id, chosen.permission)
        finally:
            await db.close()
    sys.stdout.write(f"{verdict.reason}\n")
    return 0 if verdict.is_allowed else 1
