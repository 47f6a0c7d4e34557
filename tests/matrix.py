"""Cases of the matrix: every operation and event of the tables, with every id it takes, for everybody who might try."""

import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from supportdesk.actor import Permission, allows
from supportdesk.core.http import Route, Routes
from supportdesk.core.sockets import Namespace, SocketRoute, SocketRoutes
from supportdesk.tools.model import sealed
from tests.people import later

Json: TypeAlias = dict[str, Any]

PERSON: Final = "user_id"
SAME_THING: Final = {
    "agent_id": PERSON,
    "whisper_to": PERSON,
    "participant_ids": PERSON,
    "reply_to": "message_id",
    "attachment_ids": "file_id",
    "thread_id": "message_id",
    "tool_execution_id": "execution_id",
}
"""Ids that are called otherwise where they are used."""
THINGS: Final = (
    "room_id",
    "message_id",
    PERSON,
    "guest_id",
    "session_id",
    "token_id",
    "invitation_id",
    "site_id",
    "document_id",
    "robot_id",
    "suggestion_id",
    "queue_id",
    "file_id",
    "interaction_id",
    "provider_id",
    "execution_id",
    "team_id",
    "entry_id",
    "asked_id",
    "tool_id",
    "server_id",
)
"""What operations take by id. An operation that takes another needs a line here and a row in test_matrix.py."""
WORDS: Final = {"code", "name", "site_key", "slug"}
"""Parts of addresses that are no ids: a name that nothing has stands in for them."""
NOTHING: Final = "nothing-of-that-name"

VALUES: Final[Mapping[str, Any]] = {
    "email": "matrix-{chance}@desk.test",
    "role": "agent",
    "emoji": "👍",
    "filename": "matrix-{chance}.md",
    "client_room_id": "matrix-{chance}",
    "client_msg_id": "matrix-{chance}",
    "outcome": "resolved",
    "until": later(),
    "to_level": "T2",
    "to": "queue",
    "score": 5,
    "version": 1,
    "args_sha256": sealed("matrix", {}),
    "method": "GET",
    "url": "https://desk.test/matrix",
}
"""Values that are acceptable where a field's type alone does not say which are."""
SPEAKING: Final[Mapping[str, Json]] = {
    "ChangePerson": {"level": "T2"},
    "ChangeSite": {"robots_enabled": True},
    "UpdateRoom": {"priority": 2},
    "UpdateParticipant": {"status": "muted"},
    "SawMessages": {"read_seq": 1},
    "Escalate": {"reason": "because"},
    "NewEscalation": {"reason": "because"},
    "StatusForm": {"status": "suspended"},
    "AddProvider": {"provider": "openai-compatible", "base_url": "https://llm.test/v1"},
    "NewRequestTool": {"name": "matrix"},
    "NewMcpServer": {"name": "matrix"},
}
"""Models of which no field is needed, but some field is, and those of which not every value will do."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whoever tries: what they may do by the rows of their roles."""

    name: str
    patterns: frozenset[str] = frozenset()
    namespace: Namespace | None = None

    def may(self, permission: Permission) -> bool:
        """Whether any pattern covers it; decided here anew, not by the code that is tested."""
        return any(allows(pattern, permission) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Ids:
    """One thing of each kind, all of one workspace, or none of them anywhere."""

    of: Mapping[str, UUID] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        kind = SAME_THING.get(name, name)
        if kind not in THINGS:
            raise LookupError(f"{name} has no place in the matrix: give it one in tests/matrix.py")
        return str(self.of[kind]) if self.of else str(uuid4())


MISSING: Final = Ids()


def http_routes(tables: Iterable[Routes]) -> Iterator[Route]:
    """Every operation."""
    for table in tables:
        yield from table.table


def socket_routes(tables: Iterable[SocketRoutes]) -> Iterator[tuple[SocketRoute, Namespace]]:
    """Every event, once for each namespace that has it."""
    for table in tables:
        for route in table.table:
            for namespace in route.namespaces:
                yield route, namespace


def path_names(route: Route) -> list[str]:
    """The variable parts of an address."""
    return [part[1:-1] for part in route.path.split("/") if part.startswith("{")]


def path(route: Route, ids: Ids) -> str:
    """The address with these ids."""
    parts = [
        part if not part.startswith("{") else NOTHING if part[1:-1] in WORDS else ids[part[1:-1]]
        for part in route.path.split("/")
    ]
    return "/".join(parts)


def id_fields(model: type[BaseModel] | None, *, needed: bool) -> list[str]:
    """The fields of a model that are ids: those that must be there, or those that may."""
    if model is None:
        return []
    return [
        name for name, each in model.model_fields.items() if _is_id(each.annotation) and each.is_required() is needed
    ]


def ids_of(route: Route) -> list[str]:
    """Every id that an operation cannot do without."""
    return [name for name in path_names(route) if name not in WORDS] + id_fields(route.body, needed=True)


def sample(model: type[BaseModel] | None, ids: Ids, *, beside: Mapping[str, Any] | None = None) -> Json | None:
    """A body that is acceptable as such: all that must be there, with these ids, and what is put beside it."""
    if model is None:
        return None
    body = {
        name: ids[name] if _is_id(each.annotation) else _value(name, each)
        for name, each in model.model_fields.items()
        if each.is_required()
    }
    return {**body, **SPEAKING.get(model.__name__, {}), **(beside or {})}


def listed(model: type[BaseModel], name: str, id_: str) -> Any:
    """An id as its field takes it: alone, or as the only one of several."""
    kind = _bare(model.model_fields[name].annotation)
    return [id_] if get_origin(kind) in (tuple, list, set, frozenset) else id_


def _is_id(annotation: Any) -> bool:
    kind = _bare(annotation)
    return kind is UUID or (
        get_origin(kind) in (tuple, list, set, frozenset) and bool(get_args(kind)) and _bare(get_args(kind)[0]) is UUID
    )


def _bare(annotation: Any) -> Any:
    """A type without its constraints, and without the None that it may be instead."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return _bare(kinds[0]) if len(kinds) == 1 else annotation
    return annotation


def _value(name: str, each: FieldInfo) -> Any:
    if name in VALUES:
        value = VALUES[name]
        return value.format(chance=uuid4().hex) if isinstance(value, str) else value
    kind = _bare(each.annotation)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if kind is AwareDatetime:
        return VALUES["until"]
    simple: Mapping[Any, Any] = {str: f"matrix {uuid4().hex}", int: 1, bool: True, float: 1.0}
    if kind not in simple:
        raise LookupError(f"{name} is a {kind}: give it a value in tests/matrix.py")
    return simple[kind]
