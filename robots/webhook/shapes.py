"""What each kind of bot is sent, and what it answers. Pure: bytes come from and go to robot.py."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from supportdesk.robots.contract import KitError, Line, Passage, Speaker, Turn

MOST_REPLIES: Final = 10
LONGEST_REPLY: Final = 80
LONGEST_REASON: Final = 200
HAND_OFF: Final = "hand_off"
VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a bot has answered, in the desk's words. `hand_off` is a reason; empty when there is none."""

    text: str = ""
    quick_replies: Sequence[str] = ()
    hand_off: str = ""
    note: str = ""
    citations: Sequence[tuple[UUID, str]] = field(default=())


class _Reply(BaseModel):
    """A part of a bot's answer; bots of another version may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Citation(_Reply):
    document_id: UUID
    quote: str = Field(min_length=1)


class _Desk(_Reply):
    text: str = ""
    quick_replies: tuple[str, ...] = ()
    hand_off: str | bool = False
    note: str = ""
    citations: tuple[_Citation, ...] = Field(default=(), max_length=20)


class _Button(_Reply):
    title: str


class _RasaCustom(_Reply):
    hand_off: str | bool = False


class _RasaMessage(_Reply):
    text: str = ""
    image: str = ""
    buttons: tuple[_Button, ...] = ()
    custom: _RasaCustom = _RasaCustom()


class _Function(_Reply):
    name: str
    arguments: str = ""


class _Call(_Reply):
    function: _Function


class _Message(_Reply):
    content: str | None = None
    tool_calls: tuple[_Call, ...] | None = None


class _Choice(_Reply):
    message: _Message


class _Completion(_Reply):
    choices: tuple[_Choice, ...] = Field(min_length=1)


RASA: Final = TypeAdapter(tuple[_RasaMessage, ...])


def desk_request(turn: Turn, passages: Sequence[Passage]) -> dict[str, JsonValue]:
    """The desk's own shape: the turn, what came before it, and passages that the bot may cite."""
    return {
        "version": VERSION,
        "conversation": turn.conversation,
        "turn": {
            "text": turn.text,
            "trigger": turn.trigger,
            "role": turn.role,
            "lead_text": turn.lead_text,
            "guest_name": turn.guest_name,
            "locale": turn.locale,
        },
        "history": [{"speaker": line.speaker, "name": line.name, "text": line.text} for line in turn.history],
        "passages": [
            {
                "document_id": str(passage.document_id),
                "title": passage.title,
                "text": passage.text,
                "score": round(passage.score, 4),
            }
            for passage in passages
        ],
    }


def rasa_request(turn: Turn) -> dict[str, JsonValue]:
    """A message for Rasa's REST channel, which keeps the conversation by its sender."""
    return {"sender": turn.conversation or "conversation", "message": turn.text}


def chat_request(
    turn: Turn, passages: Sequence[Passage], *, model: str, instructions: str, can_hand_off: bool
) -> dict[str, JsonValue]:
    """A request for a chat completion, not streamed."""
    found = "\n\n".join(f"{passage.title}\n{passage.text}" for passage in passages)
    system = "\n\n".join(part for part in (instructions, found and f"From the documents:\n\n{found}") if part)
    messages: list[JsonValue] = [
        *_system(system),
        *(_chat_line(line) for line in turn.history if line.speaker is not Speaker.SYSTEM),
        {"role": "user", "content": turn.text},
    ]
    tool: JsonValue = {
        "type": "function",
        "function": {
            "name": HAND_OFF,
            "description": "Pass the conversation to a person.",
            "parameters": {"type": "object", "properties": {"reason": {"type": "string"}}},
        },
    }
    return {"model": model, "messages": messages, "stream": False, **({"tools": [tool]} if can_hand_off else {})}


def _system(text: str) -> list[JsonValue]:
    return [{"role": "system", "content": text}] if text else []


def _chat_line(line: Line) -> dict[str, JsonValue]:
    return {"role": "user" if line.speaker is Speaker.GUEST else "assistant", "content": line.text}


def desk_answer(body: bytes) -> Answer:
    """What a bot of the desk's shape says; nothing at all is an empty answer. Raises KitError."""
    if not body.strip():
        return Answer()
    reply = _parsed(TypeAdapter(_Desk), body)
    return Answer(
        text=_clean(reply.text),
        quick_replies=_replies(reply.quick_replies),
        hand_off=_reason(reply.hand_off),
        note=_clean(reply.note),
        citations=[(each.document_id, _clean(each.quote)) for each in reply.citations],
    )


def rasa_answer(body: bytes) -> Answer:
    """Rasa's messages as one answer. Raises KitError."""
    messages = _parsed(RASA, body)
    texts = [part for each in messages for part in (each.text, _picture(each.image)) if part.strip()]
    reasons = [each.custom.hand_off for each in messages if each.custom.hand_off]
    return Answer(
        text=_clean("\n\n".join(texts)),
        quick_replies=_replies([button.title for each in messages for button in each.buttons]),
        hand_off=_reason(reasons[0]) if reasons else "",
    )


def chat_answer(body: bytes) -> Answer:
    """The first choice of a chat completion. Raises KitError."""
    message = _parsed(TypeAdapter(_Completion), body).choices[0].message
    calls = [call.function for call in message.tool_calls or () if call.function.name == HAND_OFF]
    hand_off = (_why(calls[0].arguments) or True) if calls else False
    return Answer(text=_clean(message.content or ""), hand_off=_reason(hand_off))


def _parsed(shape: TypeAdapter[Any], body: bytes) -> Any:
    try:
        return shape.validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, wrong["loc"])) or "the whole"
        raise KitError(f"The bot's answer cannot be read: {place}: {wrong['msg']}.") from None


def _clean(text: str) -> str:
    """What can be stored and shown: neither NUL nor half a character."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def _replies(options: Sequence[str]) -> list[str]:
    return [kept for option in options if (kept := _clean(option)[:LONGEST_REPLY].strip())][:MOST_REPLIES]


def _reason(said: str | bool) -> str:  # noqa: FBT001 - a bot may say either
    if isinstance(said, str):
        return _clean(said)[:LONGEST_REASON]
    return "the bot asks for it" if said else ""


def _picture(address: str) -> str:
    return f"<{address}>" if address.startswith(("https://", "http://")) else ""


def _why(arguments: str) -> str:
    try:
        given: object = json.loads(arguments)
    except ValueError:
        return ""
    return str(given.get("reason", "")) if isinstance(given, Mapping) else ""
