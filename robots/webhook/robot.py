"""Asks a bot elsewhere by signed HTTP, and says what it answers."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, JsonValue, SecretStr

from supportdesk.robots import contract
from supportdesk.robots.contract import (
    LONGEST_TEXT,
    Cite,
    Event,
    HandOff,
    KitError,
    Passage,
    QuickReplies,
    Robot,
    Say,
    Silent,
    Turn,
    Whisper,
)

from .shapes import Answer, chat_answer, chat_request, desk_answer, desk_request, rasa_answer, rasa_request

LONGEST_QUOTE: Final = 2_000


def _is_address(text: str) -> str:
    if text:
        try:
            parts = urlsplit(text)
            host = parts.hostname
        except ValueError:
            host = None
        if not host or parts.scheme not in ("https", "http"):
            raise ValueError("an address looks like https://bot.example.com/answer")
    return text


class WebhookRobot(Robot):
    """Asks a bot elsewhere over signed HTTP; when it does not answer, the next robot or a person does."""

    name, version = "webhook", "1.0.0"
    display_name = "Assistant"
    example_settings: ClassVar[contract.StoredSettings] = {"url": "https://bot.example.com/answer", "passages": 2}

    class Settings(contract.Settings):
        """Where the bot is, and how it is spoken to."""

        url: Annotated[str, AfterValidator(_is_address)] = Field(
            default="",
            max_length=2_000,
            title="Address of the bot",
            description="Such as https://bot.example.com/webhooks/rest/webhook. While it is empty the robot is silent."
            " In a private network it takes the desk's operator, who allows the host with SUPPORTDESK_PRIVATE_HOSTS.",
            json_schema_extra={"format": "uri"},
        )
        shape: Literal["desk", "rasa", "openai"] = Field(
            default="desk",
            title="Shape",
            description="The desk's own JSON, a Rasa REST channel, or chat completions as OpenAI has them.",
        )
        secret: SecretStr = Field(
            default=SecretStr(""),
            title="Secret of the signature",
            description="Shared with the bot, which tells by it that a request comes from this desk.",
        )
        api_key: SecretStr = Field(
            default=SecretStr(""), title="API key", description="Sent as a bearer token, when the bot asks for one."
        )
        answer_within_s: float = Field(default=8, ge=0.5, le=9, title="Seconds the bot has for its answer")
        send_history: bool = Field(default=True, title="Send what was said before")
        passages: int = Field(
            default=0,
            ge=0,
            le=10,
            title="Passages of the documents to send along",
            description="The bot may cite those, and no others.",
        )
        model: str = Field(default="", max_length=200, title="Model", description="For chat completions only.")
        instructions: str = Field(
            default="", max_length=8_000, title="Instructions", description="For chat completions only."
        )
        hand_off_tool: bool = Field(
            default=False, title="Offer the tool hand_off", description="For chat completions that can call tools."
        )

    settings: Settings

    async def answer(self, turn: Turn) -> AsyncIterator[Event]:
        """Whatever the bot says, as events."""
        if not self.settings.url:
            yield Silent(reason="no address is set")
            return
        passages = await self.kit.search(turn.text, limit=self.settings.passages) if self.settings.passages else ()
        for event in self._events(await self._ask(turn, passages), passages):
            yield event

    async def _ask(self, turn: Turn, passages: Sequence[Passage]) -> Answer:
        body = json.dumps(self._request(turn, passages), ensure_ascii=False).encode("utf-8", "replace")
        reply = await self.kit.http.request(
            "POST",
            self.settings.url,
            headers=self._headers(body),
            body=body,
            timeout_s=self.settings.answer_within_s,
            redirects=False,
        )
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            raise KitError(f"The bot answered with the status {reply.status}.")
        match self.settings.shape:
            case "desk":
                return desk_answer(reply.body)
            case "rasa":
                return rasa_answer(reply.body)
            case "openai":
                return chat_answer(reply.body)

    def _request(self, turn: Turn, passages: Sequence[Passage]) -> dict[str, JsonValue]:
        known = turn if self.settings.send_history else replace(turn, history=())
        match self.settings.shape:
            case "desk":
                return desk_request(known, passages)
            case "rasa":
                return rasa_request(known)
            case "openai":
                return chat_request(
                    known,
                    passages,
                    model=self.settings.model,
                    instructions=self.settings.instructions,
                    can_hand_off=self.settings.hand_off_tool,
                )

    def _headers(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key := self.settings.api_key.get_secret_value():
            headers["Authorization"] = f"Bearer {key}"
        if secret := self.settings.secret.get_secret_value():
            at = str(int(self.kit.now().timestamp()))
            signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
            headers |= {"X-Supportdesk-Timestamp": at, "X-Supportdesk-Signature": f"v1={signed}"}
        return headers

    def _events(self, answer: Answer, passages: Sequence[Passage]) -> list[Event]:
        events: list[Event] = []
        if answer.note:
            events.append(Whisper(text=answer.note[:LONGEST_TEXT]))
        if answer.text:
            events += [Say(delta=answer.text[:LONGEST_TEXT]), *self._citations(answer, passages)]
            if answer.quick_replies:
                events.append(QuickReplies(options=tuple(answer.quick_replies)))
        if answer.hand_off:
            events.append(HandOff(reason=answer.hand_off))
        elif not answer.text:
            events.append(Silent(reason="the bot has nothing to say"))
        return events

    def _citations(self, answer: Answer, passages: Sequence[Passage]) -> list[Event]:
        sent = {passage.document_id for passage in passages}
        refused = [document_id for document_id, _ in answer.citations if document_id not in sent]
        if refused:
            self.kit.log("webhook.cited_what_was_not_sent", documents=[str(each) for each in refused])
        return [
            Cite(document_id=document_id, quote=quote[:LONGEST_QUOTE])
            for document_id, quote in answer.citations
            if document_id in sent and quote
        ]
