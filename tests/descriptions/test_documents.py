"""The two documents are valid, complete, and what a running desk really says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from supportdesk import edges
from supportdesk.config import Settings
from supportdesk.core.places import PACKAGE
from supportdesk.descriptions.documents import CODES, SPOKEN, Descriptions
from supportdesk.errors import DeskError
from tests.people import Agent, Desk, Guest, Json, Person

OPENAPI = Descriptions(edges.HTTP, edges.SOCKETS, "http://desk.test").openapi
ASYNCAPI = Descriptions(edges.HTTP, edges.SOCKETS, "http://desk.test").asyncapi
SOURCE = "\n".join(path.read_text() for path in sorted(PACKAGE.rglob("*.py")) if path.parent.name != "descriptions")


def whole(document: Json, schema: Json) -> Json:
    """A schema of the document with what its references lead to."""
    return {**schema, "components": document["components"]}


def problems(document: Json, schema: Json, value: object) -> list[str]:
    found = Draft202012Validator(whole(document, schema), format_checker=FormatChecker()).iter_errors(value)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


def references(value: object) -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                if name == "$ref":
                    yield inner
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)
        case _:
            return


def test_the_http_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(OPENAPI).validate()
    assert OPENAPI["openapi"].startswith("3.1")


def test_every_operation_is_there_with_its_permission_or_reason() -> None:
    routes = [route for table in edges.HTTP for route in table.table if not route.hidden]
    assert len(routes) > 30
    for route in routes:
        operation = OPENAPI["paths"][route.path][route.method.lower()]
        assert operation.get("x-permission") == (str(route.needs) if route.needs else None)
        assert operation["summary"]
        assert operation["x-public" if route.needs is None else "x-permission"]
    identifiers = [operation["operationId"] for path in OPENAPI["paths"].values() for operation in path.values()]
    assert len(identifiers) == len(set(identifiers))


def test_the_socket_document_holds_together() -> None:
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    for reference in references(ASYNCAPI):
        place: Any = ASYNCAPI
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    for name, operation in ASYNCAPI["operations"].items():
        channel = operation["channel"]["$ref"]
        spoken = operation["messages"] + operation.get("reply", {}).get("messages", [])
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in spoken), name
    for message in ASYNCAPI["components"]["messages"].values():
        Draft202012Validator.check_schema(whole(ASYNCAPI, message["payload"]))


def test_every_event_is_there_in_each_of_its_namespaces() -> None:
    for route in (route for table in edges.SOCKETS for route in table.table):
        for namespace in route.namespaces:
            operation = ASYNCAPI["operations"][f"{namespace.name.lower()}.receives.{route.event}"]
            assert operation.get("x-permission") == (str(route.needs) if route.needs else None)
            assert ("reply" in operation) is not route.quiet


def test_every_event_that_the_desk_emits_is_described() -> None:
    emitted = set(re.findall(r"(?:\.|\b_)emit\(\s*\"([a-z._]+)\"", SOURCE))
    assert {"room.event", "message.delta", "session.ended"} <= emitted
    assert emitted == {spoken.event for spoken in SPOKEN}


def test_every_error_code_is_described() -> None:
    def kinds(kind: type[DeskError]) -> Iterator[str]:
        yield kind.code
        for child in kind.__subclasses__():
            yield from kinds(child)

    used = {*kinds(DeskError), *re.findall(r"\bcode=\"([a-z_]+)\"", SOURCE), "method_not_allowed", "internal"}
    assert set(CODES) == used


class Witness:
    """Remembers what people hear and what they are answered, and holds it against the document."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.acks: list[tuple[str, str, Json]] = []
        asks = Person.asks

        async def noted(person: Person, event: str, **data: Any) -> Json:
            ack = await asks(person, event, **data)
            self.acks.append((person.namespace, event, ack))
            return ack

        monkeypatch.setattr(Person, "asks", noted)

    def findings(self, *people: Person) -> list[str]:
        messages = ASYNCAPI["components"]["messages"]
        said = [(f"{namespace[1:]}.{event}.ack", ack) for namespace, event, ack in self.acks]
        heard = [(f"{person.namespace[1:]}.{event}", data) for person in people for event, data in person.heard]
        return [
            f"{name}: {problem}"
            for name, value in (*said, *heard)
            for problem in problems(ASYNCAPI, messages[name]["payload"], value)
        ]


async def converse(guest: Guest, agent: Agent, supervisor: Agent) -> str:
    """A conversation in which nearly everything happens that can."""
    room_id = await guest.opens("Where is my parcel?")
    first = await guest.says("Hello? *Anybody*?", room_id=room_id)
    await guest.asks("room.request_person", room_id=room_id)
    await agent.asks("presence.set", status="online")
    await agent.asks("room.join", room_id=room_id)
    await agent.asks("room.claim", room_id=room_id)
    agent.room_id = room_id
    await agent.tells("typing", room_id=room_id, on=True)
    reply = await agent.says("I am looking.", reply_to=first["id"])
    await agent.says("Parcel stuck at customs.", note=True)
    await guest.asks("receipt", room_id=room_id, delivered_seq=1, read_seq=1)
    await guest.asks("reaction.add", message_id=reply["id"], emoji="👍")
    await guest.asks("reaction.remove", message_id=reply["id"], emoji="👍")
    await agent.asks("message.edit", message_id=reply["id"], content="I am still looking.")
    await agent.asks("message.delete", message_id=reply["id"])
    await supervisor.asks("room.observe", room_id=room_id)
    await supervisor.asks("room.join", room_id=room_id)
    ack = await agent.asks("room.join", room_id=room_id)
    version = ack["room"]["version"]
    await agent.asks("room.update", room_id=room_id, version=version, name="Parcel", priority=2)
    await agent.asks("participant.add", room_id=room_id, user_id=str(supervisor.id))
    await agent.asks("room.escalate", room_id=room_id, to_level="T2", reason="customs", op_id="escalate-once")
    await supervisor.asks("room.takeover", room_id=room_id)
    await supervisor.asks("room.close", room_id=room_id, outcome="resolved")
    await guest.asks("csat.give", room_id=room_id, score=5, comment="quick")
    await supervisor.asks("room.reopen", room_id=room_id)
    await supervisor.asks("room.sync", room_id=room_id, after_seq=0)
    await guest.asks("room.sync", room_id=room_id, after_seq=0)
    return room_id


async def test_a_running_desk_says_what_is_described(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    witness = Witness(monkeypatch)
    guest = await desk.guest()
    agent, supervisor = await desk.agent("t1"), await desk.agent("supervisor")
    room_id = await converse(guest, agent, supervisor)
    await desk.settle()
    assert "\n".join(witness.findings(guest, agent, supervisor)) == ""
    kinds = {event["kind"] for event in supervisor.events()} | {event["kind"] for event in agent.events()}
    assert len(kinds) >= 10, kinds

    admin = await desk.signed_in("admin")
    person = str(desk.workspace.staff["t1"])
    for path, template in {
        "/api/v1/rooms?status=all": "/api/v1/rooms",
        f"/api/v1/rooms/{room_id}": "/api/v1/rooms/{room_id}",
        f"/api/v1/rooms/{room_id}/messages": "/api/v1/rooms/{room_id}/messages",
        f"/api/v1/people/{person}": "/api/v1/people/{user_id}",
        **{
            path: path
            for path, operations in OPENAPI["paths"].items()
            if "get" in operations and "{" not in path and path != "/api/v1/rooms"
        },
    }.items():
        status, body = await admin.fetches("GET", path)
        assert status == 200, (path, body)
        answers = OPENAPI["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert problems(OPENAPI, answers, body) == [], path
    status, body = await admin.fetches("GET", "/api/v1/rooms/no-room")
    assert status == 404
    assert problems(OPENAPI, OPENAPI["components"]["schemas"]["Refusal"], body) == []


async def test_robots_stream_as_described(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    witness = Witness(monkeypatch)
    guest = await desk.guest(desk.workspace.site_key)
    await guest.opens()
    await guest.says("hello")
    await desk.settle()
    assert witness.findings(guest) == []


async def test_the_documents_are_served_and_can_be_closed(desk: Desk, settings: Settings) -> None:
    visitor = desk.browser()
    for path, word in (("/api/openapi.json", "openapi"), ("/api/asyncapi.json", "asyncapi")):
        async with visitor.get(desk.url + path) as response:
            assert response.status == 200
            assert word in await response.json()
    closed = Desk(settings.model_copy(update={"api_docs": False}), desk.dsn, desk.owner, desk.workspace)
    await closed.start()
    try:
        for path in ("/api/openapi.json", "/api/asyncapi.json"):
            async with closed.browser().get(closed.url + path) as response:
                assert response.status == 404
    finally:
        await closed.stop()
