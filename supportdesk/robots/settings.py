"""A robot's settings: its class's defaults, then the workspace's, then the room's; merged first, validated once."""

from collections.abc import Mapping, Sequence
from typing import Final, cast, get_args

import orjson
from pydantic import BaseModel, JsonValue, ValidationError

from supportdesk.core.secrets import BadToken, Keyring
from supportdesk.errors import Invalid
from supportdesk.robots.complaints import complaints
from supportdesk.robots.contract import Robot, Settings, StoredSettings
from supportdesk.robots.model import RobotId
from supportdesk.robots.schema import Kind, SettingField, fields_of, secret_paths

VERSION_KEY: Final = "settings_version"
"""Under this name a stored layer says which version of the robot's settings it was written for; 1 if it does not."""
PURPOSE: Final = "robot settings"


def settings_for(robot: type[Robot], *layers: StoredSettings) -> Settings:
    """The settings in force, from the weakest stored layer to the strongest; each holds only what an admin set.

    Models within the settings are merged field by field, everything else is replaced as a whole. Raises Invalid with
    one sentence that names the wrong fields, and details as those of any other form.
    """
    merged: dict[str, JsonValue] = {}
    for layer in layers:
        merged = merge(robot.Settings, merged, brought_up_to_date(robot, layer))
    try:
        return robot.Settings.model_validate(merged)
    except ValidationError as error:
        wrong = complaints(robot.Settings, error)
        told = " ".join(f"{each['title']}: {each['problem']}." for each in wrong)
        raise Invalid(f"These settings of the robot {robot.name} cannot be used. {told}", fields=wrong) from None


def brought_up_to_date(robot: type[Robot], layer: StoredSettings) -> dict[str, JsonValue]:
    """A stored layer in terms of the robot's present settings; raises Invalid when it is newer or cannot be read."""
    values = {field: value for field, value in layer.items() if field != VERSION_KEY}
    written_for, present = layer.get(VERSION_KEY, 1), robot.Settings.settings_version
    if not isinstance(written_for, int) or not 1 <= written_for <= present:
        raise Invalid(
            f"The stored settings of the robot {robot.name} are version {written_for}, this server knows {present}; "
            "install the robot's newer version or save its settings again."
        )
    if written_for == present:
        return values
    try:
        return robot.Settings.upgrade(values, written_for)
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError, ArithmeticError) as error:
        raise Invalid(
            f"The stored settings of the robot {robot.name} are version {written_for} and could not be translated to "
            f"{present} ({type(error).__name__}: {error}); save them again."
        ) from error


def merge(
    model: type[BaseModel] | None, weaker: Mapping[str, JsonValue], stronger: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Both layers in one; what the stronger one says of a model within the model leaves its other fields alone."""
    merged = dict(weaker)
    for name, value in stronger.items():
        inner, below = _model_within(model, name), merged.get(name)
        if inner is not None and isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[name] = merge(inner, below, value)
        else:
            merged[name] = value
    return merged


def _model_within(model: type[BaseModel] | None, name: str) -> type[BaseModel] | None:
    declared = model.model_fields.get(name) if model is not None else None
    if declared is None:
        return None
    kinds = [declared.annotation, *get_args(declared.annotation)]
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return models[0] if len(models) == 1 else None


def defaults_of(robot: type[Robot]) -> dict[str, JsonValue]:
    """What holds where nobody has set anything, without secrets; empty when the class has no valid defaults."""
    try:
        return without_secrets(robot.Settings(), fields_of(robot.Settings))
    except ValidationError:
        return {}


def without_secrets(settings: BaseModel, fields: Sequence[SettingField]) -> dict[str, JsonValue]:
    """The settings as JSON, its secrets left out."""
    values = settings.model_dump(mode="json")
    for path in secret_paths(fields):
        _take(values, path)
    return values


def differing(
    fields: Sequence[SettingField], values: Mapping[str, JsonValue], defaults: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """The part of the values that differs from the defaults: what is kept as a layer."""
    kept: dict[str, JsonValue] = {}
    for field in fields:
        if field.name not in values:
            continue
        value, default = values[field.name], defaults.get(field.name)
        if field.kind is Kind.GROUP and isinstance(value, dict) and isinstance(default, dict):
            if inner := differing(field.fields, value, default):
                kept[field.name] = inner
        elif value != default or field.name not in defaults:
            kept[field.name] = value
    return kept


def with_secrets(layer: StoredSettings, secrets: Mapping[str, str]) -> dict[str, JsonValue]:
    """The layer with each secret at its dotted path."""
    full = dict(layer)
    for path, secret in secrets.items():
        *steps, last = path.split(".")
        place = full
        for step in steps:
            below = place.get(step)
            place[step] = dict(below) if isinstance(below, dict) else {}
            place = cast("dict[str, JsonValue]", place[step])
        place[last] = secret
    return full


def seal(keys: Keyring, robot_id: RobotId, secrets: Mapping[str, str]) -> bytes | None:
    """The secrets, encrypted and bound to the robot's row; None when there are none."""
    return keys.encrypt(PURPOSE, orjson.dumps(secrets), bound_to=robot_id.bytes) if secrets else None


def unseal(keys: Keyring, robot_id: RobotId, sealed: bytes | None) -> dict[str, str]:
    """The secrets by dotted path; raises Invalid when the installation's key is no longer the one of then."""
    if sealed is None:
        return {}
    try:
        found: dict[str, str] = orjson.loads(keys.decrypt(PURPOSE, sealed, bound_to=robot_id.bytes))
    except BadToken:
        raise Invalid(
            "The robot's secret settings cannot be decrypted with the installation's key; enter them again."
        ) from None
    return found


def take_secrets(fields: Sequence[SettingField], values: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Take the secrets out of settings that a program sent: what was at each dotted path, where something was."""
    taken = {path: _take(values, path) for path in secret_paths(fields) if _is_there(values, path)}
    return dict(taken)


def _is_there(values: Mapping[str, JsonValue], path: str) -> bool:
    *steps, last = path.split(".")
    place: JsonValue = dict(values)
    for step in steps:
        place = place.get(step) if isinstance(place, dict) else None
    return isinstance(place, dict) and last in place


def _take(values: dict[str, JsonValue], path: str) -> JsonValue:
    """Take out what is at a dotted path, and the models on the way that have nothing else in them."""
    first, _dot, rest = path.partition(".")
    if not rest:
        return values.pop(first, None)
    below = values.get(first)
    if not isinstance(below, dict):
        return None
    taken = _take(below, rest)
    if not below:
        del values[first]
    return taken
