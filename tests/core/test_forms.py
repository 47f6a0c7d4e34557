"""Forms of pages: what was typed, and what is wrong with it."""

from typing import Annotated

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from pydantic import Field

from supportdesk.core.forms import read_form
from supportdesk.core.http import FORM
from supportdesk.core.wire import In
from supportdesk.errors import BadRequest, Conflict, Invalid


class Wanted(In):
    name: Annotated[str, Field(min_length=2)]
    password: str
    level: int | None = None


def sent(**fields: str) -> web.Request:
    request = make_mocked_request("POST", "/")
    request[FORM] = fields
    return request


def test_a_good_form_is_what_it_asks_for() -> None:
    form = read_form(sent(name="Ann", password="secret", level="", csrf_token="x", username="ann@desk.test"), Wanted)
    assert form.want == Wanted(name="Ann", password="secret")
    assert form.errors == {}


def test_each_wrong_field_has_its_sentence_and_no_password_is_shown_again() -> None:
    form = read_form(sent(name="A", password="secret", level="high"), Wanted)
    assert form.want is None
    assert set(form.errors) == {"name", "level"}
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in form.errors.values())
    assert form.values == {"name": "A", "level": "high"}


def test_a_field_that_is_not_the_forms_own_is_refused() -> None:
    form = read_form(sent(name="Ann", password="secret", role="admin"), Wanted)
    assert form.want is None
    assert "role" in form.errors


def test_a_refusal_goes_to_its_fields_or_to_the_whole_form() -> None:
    form = read_form(sent(name="Ann", password="secret"), Wanted)
    assert form.refused(Conflict("Somebody has it.")) == {"form": "Somebody has it."}
    named = Invalid("Wrong.", fields=[{"field": "name", "problem": "it is taken"}])
    assert form.refused(named) == {"name": "It is taken."}


def test_what_is_no_form_is_refused() -> None:
    with pytest.raises(BadRequest):
        read_form(make_mocked_request("POST", "/"), Wanted)
