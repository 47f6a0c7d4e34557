"""E-mails out of the desk, by the SMTP server that the settings name."""

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from supportdesk.config import Settings
from supportdesk.errors import ServerBusy, StartError

EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){0,8}")
TIMEOUT_S: Final = 20.0
PORTS: Final = {"smtp": 587, "smtps": 465}


def normal_email(text: str) -> str:
    """An e-mail address as it is kept, in lower case; raises ValueError when it is none."""
    email = text.strip().lower()
    if EMAIL.fullmatch(email) is None:
        raise ValueError("it is no e-mail address")
    return email


class Mailer:
    """Sends what the outbox hands it; without a server it says so, and callers show their links to an admin."""

    def __init__(self, settings: Settings) -> None:
        self._sender = settings.mail_from
        self._domain = (urlsplit(settings.origin).hostname or "localhost").strip("[]")
        self._server = _server(settings.smtp_url.get_secret_value()) if settings.smtp_url is not None else None

    @property
    def is_on(self) -> bool:
        """Whether there is a server to send by."""
        return self._server is not None

    async def send(self, to: str, subject: str, text: str) -> None:
        """Hand one e-mail to the server; raises ServerBusy when it does not take it, so that the outbox tries again."""
        if self._server is None:
            raise ServerBusy("No mail server is set; set SUPPORTDESK_SMTP_URL.", retry_after=3600)
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self._domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        server = self._server
        import aiosmtplib

        try:
            await aiosmtplib.send(
                message,
                hostname=server.hostname,
                port=server.port or PORTS[server.scheme],
                username=unquote(server.username) if server.username else None,
                password=unquote(server.password) if server.password else None,
                use_tls=server.scheme == "smtps",
                timeout=TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            # The server's answer may quote the address; its kind is enough for the row that will be tried again.
            raise ServerBusy(f"The mail server did not take it ({type(error).__name__}).", retry_after=60) from error


def _server(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise StartError("SUPPORTDESK_SMTP_URL must look like smtp://user:password@mail.example.org:587 (or smtps://).")
    return parts
