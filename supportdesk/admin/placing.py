"""Whose a document or an entry is, as forms of the knowledge pages say it."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, model_validator

from supportdesk.core.wire import In, Text
from supportdesk.errors import Invalid
from supportdesk.knowledge.model import Audience, Home, Scope

ROOM: Final = "room"
ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Options = Sequence[tuple[str, str]]


class PlaceForm(In):
    """Where a document counts: empty for the whole workspace, a team's id, or `room` with the conversation's link."""

    place: Annotated[Text, Field(max_length=36)] = ""
    room: Annotated[Text, Field(max_length=2_000)] = ""
    audience: Audience = Audience.GUESTS

    @property
    def home(self) -> Home:
        """The team or the room that is meant; raises Invalid for words that name none."""
        if not self.place:
            return Home()
        if self.place != ROOM:
            return Home(Scope.TEAM, team_id=_id(self.place, "place", "choose one of the list"))
        return Home(Scope.ROOM, room_id=room_of(self.room))


class WhereQuery(In):
    """Whose documents or entries a list shows; what a form leaves empty is not asked for."""

    q: Annotated[Text, Field(max_length=200)] = ""
    place: UUID | Scope | None = None
    """A team's id, or `workspace`, `team` or `room` for all of a kind."""
    audience: Audience | None = None

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, typed: Any) -> Any:
        return {name: value for name, value in typed.items() if value != ""} if isinstance(typed, dict) else typed

    @property
    def scope(self) -> Scope | None:
        """The kind of home that is asked for."""
        return self.place if isinstance(self.place, Scope) else None

    @property
    def team_id(self) -> UUID | None:
        """The team that is asked for."""
        return self.place if isinstance(self.place, UUID) else None

    @property
    def audiences(self) -> frozenset[Audience]:
        """Whose words are asked for."""
        return frozenset(Audience) if self.audience is None else frozenset({self.audience})

    @property
    def values(self) -> dict[str, str]:
        """The fields of the form that are filled."""
        filled = self.model_dump(mode="json", include={"q", "place", "audience"}, exclude_none=True)
        return {name: str(value) for name, value in filled.items() if value != ""}


def placed(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form with files, with the team or the room in place of what was chosen; raises Invalid."""
    rest = {name: text for name, text in fields.items() if name not in ("place", "room")}
    home = PlaceForm(place=fields.get("place", ""), room=fields.get("room", "")).home
    return (
        rest
        | ({"team_id": str(home.team_id)} if home.team_id else {})
        | ({"room_id": str(home.room_id)} if home.room_id else {})
    )


def values_of(home: Home, audience: Audience) -> dict[str, str]:
    """The form as it is filled for something that is there."""
    place = ROOM if home.room_id else str(home.team_id or "")
    return {"place": place, "room": f"/inbox?room={home.room_id}" if home.room_id else "", "audience": audience.value}


def room_of(link: str) -> UUID:
    """The conversation that a link of the inbox leads to; raises Invalid for words that hold none."""
    return _id(link, "room", "paste the conversation's link from the inbox")


def _id(typed: str, field: str, problem: str) -> UUID:
    found = ID.findall(typed.lower())
    if not found:
        raise Invalid(f"The field {field} is not acceptable: {problem}.", fields=[{"field": field, "problem": problem}])
    return UUID(found[-1])
