"""Those who break things: each module has the faults of one kind, and all are listed here in the table's order."""

from tests.faults.nemesis import database, disk, kills, moments, network, people, repeats
from tests.faults.stage import Fault

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for module in (kills, database, disk, network, repeats, people, moments)
    for fault in module.FAULTS
}
