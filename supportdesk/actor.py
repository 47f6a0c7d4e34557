"""Who acts, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NewType
from uuid import UUID

from supportdesk.errors import Forbidden

UserId = NewType("UserId", UUID)
WorkspaceId = NewType("WorkspaceId", UUID)


class ActorKind(StrEnum):
    """The four voices of a room."""

    GUEST = "guest"
    AGENT = "agent"
    ROBOT = "robot"
    SYSTEM = "system"


class Level(StrEnum):
    """A tier of the desk, lowest first."""

    T1 = "T1"
    T2 = "T2"
    T3 = "T3"
    MANAGER = "manager"

    @property
    def number(self) -> int:
        """1 for T1 up to 4 for the manager."""
        return _ORDER[self]


_ORDER = {level: number for number, level in enumerate(Level, start=1)}


class Permission(StrEnum):
    """Everything that can be allowed, as `domain:function:action`; roles grant it by pattern."""

    ROOM_READ = "chat:room:read"
    ROOM_OPEN = "chat:room:open"
    ROOM_CREATE = "chat:room:create"
    ROOM_UPDATE = "chat:room:update"
    ROOM_CLAIM = "chat:room:claim"
    ROOM_ASSIGN = "chat:room:assign"
    ROOM_CLOSE = "chat:room:close"
    ROOM_REOPEN = "chat:room:reopen"
    ROOM_SNOOZE = "chat:room:snooze"
    ROOM_INVITE = "chat:room:invite"
    MESSAGE_SEND = "chat:message:send"
    MESSAGE_EDIT = "chat:message:edit"
    MESSAGE_DELETE = "chat:message:delete"
    MESSAGE_NOTE = "chat:message:note"
    MESSAGE_REACT = "chat:message:react"
    ROBOT_READ = "chat:robot:read"
    ROBOT_CONFIGURE = "chat:robot:configure"
    ROBOT_STOP = "chat:robot:stop"
    TOOL_READ = "chat:tool:read"
    TOOL_DECIDE = "chat:tool:decide"
    TOOL_CONFIGURE = "chat:tool:configure"
    FILE_UPLOAD = "chat:file:upload"
    FILE_READ = "chat:file:read"
    ESCALATION_REQUEST = "chat:escalation:request"
    ESCALATE_TO_T2 = "chat:escalation:to_t2"
    ESCALATE_TO_T3 = "chat:escalation:to_t3"
    ESCALATE_TO_MANAGER = "chat:escalation:to_manager"
    ESCALATION_LOWER = "chat:escalation:lower"
    SUPERVISOR_OBSERVE = "supervisor:chat:observe"
    SUPERVISOR_WHISPER = "supervisor:chat:whisper"
    SUPERVISOR_TAKEOVER = "supervisor:chat:takeover"
    SUPERVISOR_WALLBOARD = "supervisor:chat:wallboard"
    PRESENCE_SET = "desk:presence:set"
    GUEST_BLOCK = "desk:guest:block"
    KNOWLEDGE_READ = "desk:knowledge:read"
    KNOWLEDGE_WRITE = "desk:knowledge:write"
    MODEL_READ = "desk:model:read"
    MODEL_MANAGE = "desk:model:manage"
    PEOPLE_READ = "desk:people:read"
    PEOPLE_INVITE = "desk:people:invite"
    PEOPLE_MANAGE = "desk:people:manage"
    SESSION_OWN = "desk:session:own"
    TOKEN_OWN = "desk:token:own"  # noqa: S105 - the name of a permission
    JOB_READ = "desk:job:read"
    JOB_RUN = "desk:job:run"
    RETENTION_PREVIEW = "desk:retention:preview"
    RETENTION_RUN = "desk:retention:run"
    WORKSPACE_MANAGE = "desk:workspace:manage"
    AUDIT_READ = "desk:audit:read"


@lru_cache(maxsize=4096)
def covers(grants: frozenset[str], permission: str) -> bool:
    """Whether any of these grants covers a permission. Asked with every event; there are as many answers as roles."""
    return permission in grants or any(allows(pattern, permission) for pattern in grants)


def allows(pattern: str, permission: str) -> bool:
    """Whether a grant covers a permission: equal segment by segment, `*` standing for any one."""
    granted, asked = pattern.split(":"), permission.split(":")
    return len(granted) == len(asked) and all(g in ("*", a) for g, a in zip(granted, asked, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever is doing this, in one workspace, with the grants of their roles."""

    kind: ActorKind
    id: UserId | None
    workspace_id: WorkspaceId
    name: str = ""
    level: Level | None = None
    grants: frozenset[str] = frozenset()
    session_id: UUID | None = None
    token_id: UUID | None = None
    """The personal access token they came with, which can do less than its owner's session."""
    avatar_url: str | None = None
    site_id: UUID | None = None
    """Where a guest came in."""

    @classmethod
    def system(cls, workspace_id: WorkspaceId) -> "Actor":
        """The desk itself: jobs, sweeps and set-up."""
        return cls(kind=ActorKind.SYSTEM, id=None, workspace_id=workspace_id, grants=frozenset({"*:*:*"}))

    @property
    def is_staff(self) -> bool:
        """Whether the staff stream is theirs to see."""
        return self.kind is not ActorKind.GUEST

    def may(self, permission: Permission) -> bool:
        """Whether any grant covers this permission."""
        return covers(self.grants, permission)

    def must(self, permission: Permission) -> None:
        """Raise Forbidden unless a grant covers this permission."""
        if not self.may(permission):
            raise Forbidden(f"Your role does not include the permission {permission}.", permission=str(permission))
