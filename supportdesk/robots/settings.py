"""A robot's settings: its class's defaults, then the workspace's, then the room's; merged first, validated once."""

from pydantic import JsonValue, ValidationError

from supportdesk.errors import Invalid
from supportdesk.robots.contract import Robot, Settings, StoredSettings

VERSION_KEY = "settings_version"
"""Under this name a stored layer says which version of the robot's settings it was written for; 1 if it does not."""


def settings_for(robot: type[Robot], *layers: StoredSettings) -> Settings:
    """The settings in force, from the weakest stored layer to the strongest; each holds only what an admin set.

    Raises Invalid with one sentence that names the wrong fields.
    """
    merged: dict[str, JsonValue] = {}
    for layer in layers:
        merged |= _brought_up_to_date(robot, layer)
    try:
        return robot.Settings.model_validate(merged)
    except ValidationError as error:
        wrong = {".".join(map(str, part["loc"])): part["msg"] for part in error.errors(include_url=False)}
        listed = "; ".join(f"{field}: {message}" for field, message in wrong.items())
        raise Invalid(f"These settings of the robot {robot.name} cannot be used: {listed}.", fields=wrong) from None


def _brought_up_to_date(robot: type[Robot], layer: StoredSettings) -> dict[str, JsonValue]:
    values = {field: value for field, value in layer.items() if field != VERSION_KEY}
    written_for, present = layer.get(VERSION_KEY, 1), robot.Settings.settings_version
    if not isinstance(written_for, int) or not 1 <= written_for <= present:
        raise Invalid(
            f"The stored settings of the robot {robot.name} are version {written_for}, this server knows {present}; "
            "install the robot's newer version or save its settings again."
        )
    return values if written_for == present else robot.Settings.upgrade(values, written_for)
