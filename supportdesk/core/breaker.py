"""A circuit breaker: what keeps failing, be it a robot or a server, is left alone for a while, then tried once."""

from dataclasses import dataclass

from supportdesk.core.clock import Clock

FAILURES = 3
COOL_DOWN_S = 30.0


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    closed_again_at: float = 0.0


class Breaker:
    """Opens a circuit after three failures in a row, for 30 s; then one trial decides. Keys name what may fail."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._circuits: dict[str, _Circuit] = {}

    def is_open(self, key: str) -> bool:
        """Whether it would be refused now."""
        circuit = self._circuits.get(key)
        return (
            circuit is not None and circuit.failures >= FAILURES and self._clock.monotonic() < circuit.closed_again_at
        )

    def admits(self, key: str) -> bool:
        """Whether it may be tried now; the first to ask after the cool-down is the one trial.

        The others wait for its result, which is to be told: `succeeded`, `failed` or `gave_up`.
        """
        if self.is_open(key):
            return False
        circuit = self._circuits.get(key)
        if circuit is not None and circuit.failures >= FAILURES:
            circuit.closed_again_at = self._clock.monotonic() + COOL_DOWN_S
        return True

    def succeeded(self, key: str) -> None:
        """Close the circuit: it went well."""
        self._circuits.pop(key, None)

    def gave_up(self, key: str) -> None:
        """Whoever tried has left before there was a result: the next to ask is the trial."""
        circuit = self._circuits.get(key)
        if circuit is not None and circuit.failures >= FAILURES:
            circuit.closed_again_at = self._clock.monotonic()

    def failed(self, key: str) -> None:
        """Count a failure; the third in a row opens the circuit, and so does a failed trial."""
        circuit = self._circuits.setdefault(key, _Circuit())
        circuit.failures += 1
        if circuit.failures >= FAILURES:
            circuit.closed_again_at = self._clock.monotonic() + COOL_DOWN_S

    def trip(self, key: str) -> None:
        """Open the circuit at once: it harmed more than what was asked of it."""
        circuit = self._circuits.setdefault(key, _Circuit())
        circuit.failures = max(circuit.failures, FAILURES - 1)
        self.failed(key)

    def rest(self, key: str, seconds: float) -> None:
        """Open the circuit for as long as it has asked to be left alone."""
        circuit = self._circuits.setdefault(key, _Circuit())
        circuit.failures = max(circuit.failures, FAILURES)
        circuit.closed_again_at = self._clock.monotonic() + seconds
