"""Class, workspace, room: merged, then validated once."""

import pytest
from pydantic import Field, JsonValue

from supportdesk.errors import Invalid
from supportdesk.robots import contract
from supportdesk.robots.settings import settings_for
from tests.robots.strange import EchoRobot


class GrownRobot(EchoRobot):
    name = "grown"

    class Settings(EchoRobot.Settings):
        """Version 3 calls the prefix a greeting."""

        settings_version = 3
        greeting: str = Field(default="", title="Said first")

        @classmethod
        def upgrade(cls, old: dict[str, JsonValue], from_version: int) -> dict[str, JsonValue]:
            assert from_version in (1, 2)
            return {("greeting" if name == "prefix" else name): value for name, value in old.items()}


def test_the_room_outranks_the_workspace_which_outranks_the_class() -> None:
    settings = settings_for(EchoRobot, {"prefix": "workspace ", "timeout_s": 5}, {"prefix": "room "})
    assert isinstance(settings, EchoRobot.Settings)
    assert (settings.prefix, settings.timeout_s, settings.visible_to_guest) == ("room ", 5, True)


def test_without_a_layer_the_class_decides() -> None:
    assert settings_for(EchoRobot) == EchoRobot.Settings()


def test_layers_are_judged_together() -> None:
    with pytest.raises(Invalid, match=r"Said first: it has more than 20 characters; shorten it\. colour: there is no"):
        settings_for(EchoRobot, {"prefix": "x" * 21}, {"colour": "red"})


def test_an_older_layer_is_upgraded_before_it_is_merged() -> None:
    settings = settings_for(GrownRobot, {"prefix": "old", "settings_version": 2}, {"greeting": "new"}, {"prefix": "1"})
    assert isinstance(settings, GrownRobot.Settings)
    assert (settings.greeting, settings.prefix) == ("1", "")


@pytest.mark.parametrize("version", [0, 4, "2"])
def test_a_layer_from_the_future_is_refused(version: JsonValue) -> None:
    with pytest.raises(Invalid, match=f"are version {version}, this server knows 3"):
        settings_for(GrownRobot, {"settings_version": version})


def test_a_present_layer_is_not_upgraded() -> None:
    with pytest.raises(Invalid, match="nonsense"):
        settings_for(GrownRobot, {"nonsense": 1, "settings_version": 3})


def test_settings_never_change_under_a_robot() -> None:
    settings = contract.Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.timeout_s = 1
