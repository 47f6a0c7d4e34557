"""The socket surface as AsyncAPI 3, generated from the tables of events and the models that validate the traffic."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from supportdesk.core.http import Handler
from supportdesk.core.openapi import About, Modes, schemas_of
from supportdesk.core.sockets import Namespace, SocketRoute, SocketRoutes
from supportdesk.core.wire import Command

Json = dict[str, Any]
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One event that the desk sends to a namespace; an ephemeral one may be dropped and has no number."""

    event: str
    namespace: Namespace
    payload: type[BaseModel]
    is_ephemeral: bool

    @property
    def says(self) -> str:
        """What it means."""
        return (inspect.getdoc(self.payload) or "").partition("\n")[0]


def describe(
    tables: Sequence[SocketRoutes],
    spoken: Sequence[Spoken],
    about: About,
    *,
    answers: Mapping[Handler, type[BaseModel]],
) -> Json:
    """The document. `answers` says what handlers acknowledge whose annotation does not; raises TypeError otherwise."""
    routes = [route for table in tables for route in table.table]
    acks = {route.handler: ack_of(route, answers) for route in routes}
    refs, schemas = schemas_of(list(_models(routes, acks, spoken)))
    channels: dict[str, Json] = {
        namespace.name.lower(): {"address": str(namespace), "messages": {REFUSED: _message(REFUSED)}}
        for namespace in Namespace
    }
    operations: Json = {}
    messages: Json = {REFUSED: _refused()}
    for route in routes:
        for namespace in route.namespaces:
            _add_heard(channels, operations, messages, route, namespace, acks[route.handler], refs, schemas)
    for event in spoken:
        where = event.namespace.name.lower()
        name = f"{where}.{event.event}"
        messages[name] = {
            "name": event.event,
            "summary": event.says,
            "payload": refs[event.payload, "serialization"],
            "x-ephemeral": event.is_ephemeral,
        }
        channels[where]["messages"][name] = _message(name)
        operations[f"{where}.sends.{event.event}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{where}"},
            "summary": event.says,
            "messages": [{"$ref": f"#/channels/{where}/messages/{name}"}],
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": about.title, "version": about.version, "description": about.description},
        "servers": {
            "desk": {
                "host": about.origin.partition("://")[2],
                "protocol": "wss" if about.origin.startswith("https") else "ws",
                "pathname": "/socket.io/",
                "description": "Socket.IO 5 over websocket only; the token goes into the auth of the connection.",
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def ack_of(route: SocketRoute, answers: Mapping[Handler, type[BaseModel]]) -> type[BaseModel] | None:
    """What an acknowledgement carries besides `ok`; None when nothing."""
    if route.handler in answers:
        return answers[route.handler]
    says = inspect.signature(route.handler, eval_str=True).return_annotation
    if says is None:
        return None
    if isinstance(says, type) and issubclass(says, BaseModel):
        return says
    raise TypeError(f"{route.event} does not say what it acknowledges")


def _models(
    routes: Sequence[SocketRoute], acks: Mapping[Handler, type[BaseModel] | None], spoken: Sequence[Spoken]
) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    for route in routes:
        yield route.payload, "validation"
        ack = acks[route.handler]
        if ack is not None:
            yield ack, "serialization"
    for event in spoken:
        yield event.payload, "serialization"


def _add_heard(
    channels: dict[str, Json],
    operations: Json,
    messages: Json,
    route: SocketRoute,
    namespace: Namespace,
    ack: type[BaseModel] | None,
    refs: Modes,
    schemas: Json,
) -> None:
    where = namespace.name.lower()
    name = f"{where}.{route.event}"
    says = (inspect.getdoc(route.handler) or "").partition("\n")[0]
    messages[name] = {"name": route.event, "summary": says, "payload": refs[route.payload, "validation"]}
    channels[where]["messages"][name] = _message(name)
    operation: Json = {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{where}"},
        "summary": says,
        "messages": [{"$ref": f"#/channels/{where}/messages/{name}"}],
    }
    if route.needs is not None:
        operation["x-permission"] = str(route.needs)
    else:
        operation["x-public"] = route.public
    if not route.quiet:
        acked = f"{name}.ack"
        messages[acked] = {"name": acked, "payload": _acknowledged(route, ack, refs, schemas)}
        channels[where]["messages"][acked] = _message(acked)
        operation["reply"] = {
            "messages": [{"$ref": f"#/channels/{where}/messages/{reply}"} for reply in (acked, REFUSED)]
        }
    operations[f"{where}.receives.{route.event}"] = operation


def _acknowledged(route: SocketRoute, ack: type[BaseModel] | None, refs: Modes, schemas: Json) -> Json:
    """The fields of the answer beside `ok`."""
    shape = schemas[refs[ack, "serialization"]["$ref"].rpartition("/")[2]] if ack is not None else {}
    properties = shape.get("properties", {})
    if issubclass(route.payload, Command):
        properties = {"duplicate": {"type": "boolean", "description": "This op_id came before."}, **properties}
    return {
        "type": "object",
        "required": ["ok", *shape.get("required", ())],
        "additionalProperties": False,
        "properties": {"ok": {"const": True}, **properties},
    }


def _message(name: str) -> Json:
    return {"$ref": f"#/components/messages/{name}"}


def _refused() -> Json:
    error = {
        "type": "object",
        "required": ["code", "message"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "details": {"type": "object"}},
    }
    return {
        "name": REFUSED,
        "summary": "Why a command was not carried out.",
        "payload": {
            "type": "object",
            "required": ["ok", "error"],
            "properties": {"ok": {"const": False}, "error": error},
        },
    }
