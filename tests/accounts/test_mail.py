"""Links by e-mail: real SMTP on loopback."""

import asyncio
import email
import re
from collections.abc import AsyncIterator
from email.message import Message
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from pydantic import SecretStr

from supportdesk.accounts.links import Links
from supportdesk.accounts.mail import AccountMail
from supportdesk.actor import WorkspaceId
from supportdesk.config import Settings
from supportdesk.core.db import Database
from supportdesk.core.mail import Mailer, normal_email
from supportdesk.errors import ServerBusy, StartError
from tests.accounts.browser import GOOD, browser, links_in, path_of, signed_in
from tests.people import PATIENCE_S, Desk


class Mailbox:
    """Takes every e-mail."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self._changed = asyncio.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        async with self._changed:
            self.letters.append(email.message_from_bytes(envelope.content, policy=default))
            self._changed.notify_all()
        return "250 OK"

    async def letter_to(self, address: str) -> str:
        """The text of the next letter to an address, now or soon."""

        def found() -> Message | None:
            return next((letter for letter in self.letters if letter["To"] == address), None)

        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(found), PATIENCE_S)
        letter = found()
        assert letter is not None
        self.letters.remove(letter)
        text = letter.get_payload(decode=True)
        assert isinstance(text, bytes)
        return text.decode()


class TestByMail:
    """A desk with outgoing mail."""

    @pytest.fixture
    def mailbox(self) -> Mailbox:
        return Mailbox()

    @pytest.fixture
    async def settings(self, settings: Settings, mailbox: Mailbox) -> AsyncIterator[Settings]:
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        yield settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}")})
        server.close()
        await server.wait_closed()

    async def test_invitations_and_resets_go_by_mail_and_are_shown_to_nobody(
        self, desk: Desk, mailbox: Mailbox
    ) -> None:
        boss, address = await signed_in(desk, "admin"), f"new-{desk.workspace.tag}@acme.test"
        made = await boss.asks("POST", "/api/v1/invitations", {"email": address})
        assert made.body["link"] is None
        text = await mailbox.letter_to(address)
        [link] = re.findall(r"http\S+/invitations/\S+", text)
        joined = browser(desk)
        form = {"first_name": "New", "last_name": "Comer", "password": GOOD}
        assert (await joined.asks("POST", path_of(link), form=form)).status == 303
        verified = await desk.owner.fetchval("SELECT is_email_verified FROM users WHERE email = $1", address)
        assert verified is True, "only the owner of the mailbox had the link"

        await browser(desk).asks("POST", "/password/forgotten", form={"email": address})
        text = await mailbox.letter_to(address)
        [link] = re.findall(r"http\S+/password/reset/\S+", text)
        assert (await browser(desk).asks("GET", path_of(link))).status == 200
        assert links_in((await boss.asks("GET", "/admin/people")).text) == []
        assert (await boss.asks("GET", "/api/v1/people/links")).body["items"] == []

    async def test_the_outbox_holds_no_link(self, desk: Desk, mailbox: Mailbox) -> None:
        boss = await signed_in(desk, "admin")
        await boss.asks("POST", "/api/v1/invitations", {"email": f"new-{desk.workspace.tag}@acme.test"})
        text = await mailbox.letter_to(f"new-{desk.workspace.tag}@acme.test")
        code = re.findall(r"/invitations/(\S+)", text)[0]
        rows = await desk.owner.fetch(
            "SELECT payload::text AS payload FROM outbox WHERE workspace_id = $1", desk.workspace.id
        )
        assert rows
        assert all(code not in row["payload"] for row in rows)

    async def test_a_link_that_was_replaced_is_not_sent_any_more(self, desk: Desk, mailbox: Mailbox) -> None:
        address = f"new-{desk.workspace.tag}@acme.test"
        carrier = AccountMail(desk.resources.get(Database), Mailer(desk.settings), desk.resources.get(Links))
        boss = await signed_in(desk, "admin")
        first = (await boss.asks("POST", "/api/v1/invitations", {"email": address})).body["id"]
        second = (await boss.asks("POST", "/api/v1/invitations", {"email": address})).body["id"]
        await mailbox.letter_to(address)
        workspace = WorkspaceId(desk.workspace.id)
        mailbox.letters.clear()
        await carrier(workspace, {"link": "INVITATION", "id": first})
        assert mailbox.letters == []
        await carrier(workspace, {"link": "INVITATION", "id": second})
        assert [letter["From"] for letter in mailbox.letters] == [desk.settings.mail_from]


async def test_a_server_that_does_not_answer_is_tried_again_later(settings: Settings) -> None:
    nobody = settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1")})
    with pytest.raises(ServerBusy, match="did not take it"):
        await Mailer(nobody).send("ann@acme.test", "Hello", "Text")
    with pytest.raises(ServerBusy, match="SUPPORTDESK_SMTP_URL"):
        await Mailer(settings).send("ann@acme.test", "Hello", "Text")


async def test_a_header_cannot_be_smuggled_in(settings: Settings) -> None:
    somewhere = settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1")})
    for to, subject in (("a@b.test\r\nBcc: c@d.test", "x"), ("a@b.test", "x\r\nBcc: c@d.test")):
        with pytest.raises(ValueError, match=r"(?i)header|linefeed|newline"):
            await Mailer(somewhere).send(to, subject, "Text")


@pytest.mark.parametrize(
    "url", ["http://mail.test", "smtp://", "mail.test:25", "smtp://mail.test:0", "smtp://[", "smtp://x:port"]
)
def test_an_address_that_is_no_mail_server_stops_the_start(settings: Settings, url: str) -> None:
    with pytest.raises(StartError, match="SUPPORTDESK_SMTP_URL"):
        Mailer(settings.model_copy(update={"smtp_url": SecretStr(url)}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "@x.test",
        "x@",
        "a b@c.test",
        "a@b@c.test",
        "a@b..test",
        "a\n@b.test",
        "<a@b.test>",
        "ä@b.test",
        "a" * 65 + "@b.test",
    ],
)
def test_what_is_no_e_mail_address(text: str) -> None:
    with pytest.raises(ValueError, match="no e-mail address"):
        normal_email(text)


def test_an_e_mail_address_is_kept_in_lower_case() -> None:
    assert normal_email(" Ann.O'Neil+Desk@Shop.Example.org ") == "ann.o'neil+desk@shop.example.org"
    assert normal_email("admin@localhost") == "admin@localhost"
