"""How asking a model can fail, each with a sentence for the admin who looks after it."""

from enum import StrEnum

from supportdesk.errors import DeskError, Unanswered


class Fault(StrEnum):
    """What was wrong."""

    KEY = "wrong_key"
    MODEL = "unknown_model"
    ADDRESS = "address_refused"
    REACH = "not_reached"
    SLOW = "too_slow"
    BUSY = "busy"
    QUOTA = "quota_used_up"
    REJECTED = "rejected"
    BROKEN = "broken_answer"


class ModelFailed(Unanswered):
    """A provider was asked and gave no usable answer; `rest_s` is how long it wants to be left alone."""

    def __init__(self, sentence: str, fault: Fault, *, rest_s: float = 0.0) -> None:
        super().__init__(sentence)
        self.fault = fault
        self.rest_s = rest_s


class ModelUnavailable(DeskError):
    """No model can be asked: none is configured, its provider rests, or the budget is spent."""

    status = 503
    code = "model_unavailable"
