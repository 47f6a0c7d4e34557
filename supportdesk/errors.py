"""Every refusal the desk can utter; the edges turn them into HTTP statuses and socket acknowledgements."""

from typing import ClassVar


class DeskError(Exception):
    """Something the caller may be told about, in one sentence that says what to do."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"

    def __init__(self, sentence: str, *, code: str | None = None, **details: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.specific_code = code or self.code
        self.details = details

    def as_wire(self) -> dict[str, object]:
        """The error as clients see it: {code, message, details?}."""
        body: dict[str, object] = {"code": self.specific_code, "message": self.sentence}
        if self.details:
            body["details"] = self.details
        return body


class BadRequest(DeskError):
    """The request cannot be understood."""


class Invalid(DeskError):
    """The request is understood, but a value in it is not acceptable."""

    status = 422
    code = "invalid"


class Unauthenticated(DeskError):
    """Nobody is signed in, or the token is stale."""

    status = 401
    code = "unauthenticated"


class Forbidden(DeskError):
    """The caller may see it, but not do that."""

    status = 403
    code = "forbidden"


class NotFound(DeskError):
    """No such thing, or none that the caller may see."""

    status = 404
    code = "not_found"


class Conflict(DeskError):
    """The thing is not in a state that allows this; the message names both states or the winner."""

    status = 409
    code = "conflict"


class IdempotencyConflict(Conflict):
    """The same client_msg_id came before with another body; the first body is kept."""

    code = "idempotency_conflict"


class TooLarge(DeskError):
    """More bytes than the limit allows."""

    status = 413
    code = "too_large"


class RateLimited(DeskError):
    """Too much too fast; details carry retry_after in seconds."""

    status = 429
    code = "rate_limited"

    def __init__(self, sentence: str, *, retry_after: float, code: str | None = None) -> None:
        super().__init__(sentence, code=code, retry_after=round(retry_after, 3))


class ServerBusy(DeskError):
    """The desk cannot do this now; nothing was written or its fate is unknown; details carry retry_after."""

    status = 503
    code = "server_busy"

    def __init__(self, sentence: str, *, retry_after: float, code: str | None = None) -> None:
        super().__init__(sentence, code=code, retry_after=round(retry_after, 3))


class Unanswered(DeskError):
    """Another server was asked, and nothing usable came back; the message names it."""

    status = 502
    code = "unanswered"


class StartError(Exception):
    """The desk cannot start; the sentence says why and what to do. The command line prints it and exits non-zero."""
