"""Single-use links: a code over the id of their row, so that they can be written again but not guessed."""

from enum import StrEnum
from uuid import UUID

from supportdesk.config import Settings
from supportdesk.core.secrets import Keyring, digest


class Link(StrEnum):
    """What a link leads to; the value is its path and part of its key, so that none opens another's door."""

    INVITATION = "invitations"
    PASSWORD_RESET = "password/reset"  # noqa: S105 - a path
    EMAIL_VERIFICATION = "email/verify"


class Links:
    """Writes links. Only the digest of the code is kept in the database, and mail is written from the row's id."""

    def __init__(self, keys: Keyring, settings: Settings) -> None:
        self._keys = keys
        self._origin = settings.origin
        self.go_by_mail = settings.smtp_url is not None

    def code(self, link: Link, row_id: UUID) -> str:
        """The part of the address that opens it."""
        return self._keys.code(f"link {link}", row_id.bytes)

    def address(self, link: Link, row_id: UUID) -> str:
        """The whole address."""
        return f"{self._origin}/{link}/{self.code(link, row_id)}"

    def address_again(self, link: Link, row_id: UUID, token_hash: bytes) -> str | None:
        """The same address at a later time; None when the key it was made with is no longer the present one."""
        return self.address(link, row_id) if digest(self.code(link, row_id)) == token_hash else None
