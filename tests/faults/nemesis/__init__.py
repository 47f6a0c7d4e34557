"""Those who break things: each module has the faults of one kind, and all are listed here in the table's order."""

from tests.faults.nemesis import database, kills, repeats
from tests.faults.stage import Fault

FAULTS: dict[str, Fault] = {fault.name: fault for fault in (*kills.FAULTS, *database.FAULTS, *repeats.FAULTS)}
