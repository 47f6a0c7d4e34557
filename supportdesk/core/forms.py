"""Forms of pages: what was typed, what is wrong with it, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from aiohttp import web
from pydantic import BaseModel

from supportdesk.core.http import FORM
from supportdesk.core.wire import parse
from supportdesk.errors import BadRequest, DeskError, Invalid

M = TypeVar("M", bound=BaseModel)
M_co = TypeVar("M_co", bound=BaseModel, covariant=True)
WHOLE: Final = "form"
UNSPOKEN: Final = frozenset({"csrf_token", "username"})
"""Fields that are not the form's own: the proof of its page, and the e-mail address that password managers look for."""
NEVER_SHOWN: Final = ("password", "code", "api_key")


@dataclass(frozen=True, slots=True)
class Form(Generic[M_co]):
    """A form that was sent: what it asks for, or what is wrong, and what to show in it again."""

    want: M_co | None
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def refused(self, error: DeskError) -> dict[str, str]:
        """A refusal of what it asks for, as errors of its fields where it names some."""
        return {**self.errors, **errors_of(error)}


def read_form(request: web.Request, model: type[M]) -> Form[M]:
    """What a page sent; raises BadRequest for anything that is no form."""
    sent: Mapping[str, str] | None = request.get(FORM)
    if sent is None:
        raise BadRequest("Send this form from its page.")
    typed = {name: value for name, value in sent.items() if name not in UNSPOKEN}
    values = {name: value for name, value in typed.items() if not any(secret in name for secret in NEVER_SHOWN)}
    # An empty field of a form is one that was left out.
    filled = {name: value for name, value in typed.items() if value != ""}
    try:
        return Form(parse(model, filled), values)
    except Invalid as error:
        return Form(None, values, errors_of(error))


def errors_of(error: DeskError) -> dict[str, str]:
    """The sentence for each wrong field; for the whole form where no field is named."""
    fields = error.details.get("fields")
    if not isinstance(fields, list) or not fields:
        return {WHOLE: error.sentence}
    return {str(each["field"]): _sentence(str(each["problem"])) for each in fields}


def _sentence(problem: str) -> str:
    if problem.lower() == "field required":
        problem = "this is needed"
    return problem[:1].upper() + problem[1:] + ("" if problem.endswith(".") else ".")
