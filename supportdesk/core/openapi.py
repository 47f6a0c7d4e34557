"""The HTTP surface as OpenAPI 3.1, generated from the tables of routes and the models that validate the traffic."""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from supportdesk.actor import Actor
from supportdesk.core.db import Tx
from supportdesk.core.http import Handler, Route, Routes

Json = dict[str, Any]
REF: Final = "#/components/schemas/{model}"
PATH_PARAMETER: Final = re.compile(r"\{(\w+)\}")
NO_CONTENT: Final = 204
SIGNED_IN: Final[list[dict[str, list[str]]]] = [{"session": [], "csrf": []}, {"token": []}]
"""Either the cookie with the header that writes need, or a token."""
FORM_WITH_FILE: Final[Json] = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
    "additionalProperties": {"type": "string"},
    "description": "The fields of the JSON form, in front of the file.",
}
REFUSALS: Final = {
    400: "The request cannot be understood.",
    401: "Nobody is signed in, or the token is stale.",
    403: "The caller may see it, but not do that.",
    404: "No such thing, or none that the caller may see.",
    409: "The thing is not in a state that allows this; the message names both states or the winner.",
    413: "More bytes than the operation takes.",
    422: "A value is not acceptable; details.fields names each.",
    429: "Too much too fast; details.retry_after says how many seconds to wait.",
    503: "The desk cannot do this now; details.retry_after says how many seconds to wait.",
}


@dataclass(frozen=True, slots=True)
class About:
    """What a description says of the application as a whole."""

    title: str
    version: str
    description: str
    origin: str


Modes = dict[tuple[type[BaseModel], JsonSchemaMode], Json]


def schemas_of(models: Sequence[tuple[type[BaseModel], JsonSchemaMode]]) -> tuple[Modes, Json]:
    """A reference to each model, and the schemas all of them need. What is null may be left out on the wire."""
    found, whole = models_json_schema(list(dict.fromkeys(models)), ref_template=REF)
    schemas: Json = whole.get("$defs", {})
    for schema in schemas.values():
        if "required" in schema:
            schema["required"] = [name for name in schema["required"] if not _may_be_null(schema["properties"][name])]
    return cast("Modes", found), schemas


def _may_be_null(schema: Json) -> bool:
    return schema.get("type") == "null" or {"type": "null"} in schema.get("anyOf", ())


def describe(
    tables: Sequence[Routes], about: About, *, answers: Mapping[Handler, type[BaseModel]], cookie: str
) -> Json:
    """The document. `answers` says what handlers answer whose annotation does not; raises TypeError where none does."""
    routes = [route for table in tables for route in table.table if not route.hidden]
    shapes = {route.handler: answer_of(route, answers) for route in routes}
    refs, schemas = schemas_of(list(_models(routes, shapes)))
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, shapes[route.handler], refs, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": about.version, "description": about.description},
        "servers": [{"url": about.origin}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Refusal": _refusal()},
            "responses": {str(status): _refused(says) for status, says in REFUSALS.items()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                "csrf": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-CSRF-Token",
                    "description": "Asked for of writes that come with the cookie.",
                },
                "token": {"type": "http", "scheme": "bearer", "description": "A personal access or guest token."},
            },
        },
    }


def answer_of(route: Route, answers: Mapping[Handler, type[BaseModel]]) -> type[BaseModel] | None:
    """The model of the answer; None when there is no body."""
    if route.handler in answers:
        return answers[route.handler]
    says = inspect.signature(route.handler, eval_str=True).return_annotation
    if says is None:
        return None
    if isinstance(says, type) and issubclass(says, BaseModel):
        return says
    if isinstance(says, type) and route.status in (202, NO_CONTENT):
        return None  # a response made by hand, which has no body
    raise TypeError(f"{route.method} {route.path} does not say what it answers")


def is_secured(route: Route) -> bool:
    """Whether somebody must be signed in."""
    return route.needs is not None or Actor in route.takes.values() or Tx in route.takes.values()


def _models(
    routes: Sequence[Route], shapes: Mapping[Handler, type[BaseModel] | None]
) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    for route in routes:
        answer = shapes[route.handler]
        if answer is not None:
            yield answer, "serialization"
        for name in ("want", "query"):
            if name in route.takes:
                yield route.body if name == "want" and route.body else route.takes[name], "validation"


def _operation(route: Route, answer: type[BaseModel] | None, refs: Modes, schemas: Json) -> Json:
    says = inspect.getdoc(route.handler) or ""
    slice_name = route.handler.__module__.split(".")[1]
    operation: Json = {
        "operationId": f"{slice_name}.{route.handler.__name__}",
        "tags": [slice_name],
        "summary": says.partition("\n")[0],
        "parameters": [*_path_parameters(route), *_query_parameters(route, refs, schemas)],
        "responses": _responses(route, answer, refs),
        "security": SIGNED_IN if is_secured(route) else [],
    }
    if route.needs is not None:
        operation["x-permission"] = str(route.needs)
    else:
        operation["x-public"] = route.public
    if route.body is not None:
        schema = refs[route.body, "validation"]
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        if route.files:
            operation["requestBody"]["content"]["multipart/form-data"] = {"schema": FORM_WITH_FILE}
    return operation


def _path_parameters(route: Route) -> Iterator[Json]:
    for name in PATH_PARAMETER.findall(route.path):
        kind = getattr(route.takes.get(name), "__supertype__", route.takes.get(name))
        schema = {"type": "string", "format": "uuid"} if kind is UUID else {"type": "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(route: Route, refs: Modes, schemas: Json) -> Iterator[Json]:
    if "query" not in route.takes:
        return
    shape = schemas[refs[route.takes["query"], "validation"]["$ref"].rpartition("/")[2]]
    for name, schema in shape.get("properties", {}).items():
        yield {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema}


def _responses(route: Route, answer: type[BaseModel] | None, refs: Modes) -> Json:
    status = NO_CONTENT if answer is None and route.status == 200 else route.status  # noqa: PLR2004 - as http.py answers
    done: Json = {"description": "Done."}
    if answer is not None:
        done["content"] = {"application/json": {"schema": refs[answer, "serialization"]}}
    wrong = {400, 429, 503}
    if is_secured(route):
        wrong |= {401, 403}
    if PATH_PARAMETER.search(route.path):
        wrong.add(404)
    if route.body is not None:
        wrong |= {404, 409, 413}
    if route.body is not None or "query" in route.takes:
        wrong.add(422)
    return {str(status): done} | {str(code): {"$ref": f"#/components/responses/{code}"} for code in sorted(wrong)}


def _refused(says: str) -> Json:
    schema = {"$ref": REF.format(model="Refusal")}
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _refusal() -> Json:
    """The one shape of errors, as errors.DeskError.as_wire makes it."""
    error = {
        "type": "object",
        "required": ["code", "message"],
        "additionalProperties": False,
        "properties": {
            "code": {"type": "string", "pattern": "^[a-z_]+$"},
            "message": {"type": "string", "description": "A sentence that people may read."},
            "details": {"type": "object"},
        },
    }
    return {"type": "object", "required": ["error"], "additionalProperties": False, "properties": {"error": error}}
