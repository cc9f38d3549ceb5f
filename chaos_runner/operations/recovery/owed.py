"""What the journals here say that the hosts of an inventory have to know of."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.fleet.inventory import is_host_list

if TYPE_CHECKING:
    from chaos_runner.fleet.inventory import Inventory
    from chaos_runner.journal.events import RunStarted
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.rollback.unproved_faults import Owed


def owed_on(
    session: FleetSession, runs_directory: Path, report: Callable[[str], None]
) -> Callable[[], Owed]:
    """Return what reads, once it is called, which faults of any run the hosts must know of.

    `report` gets a line for each journal that cannot be read.
    """

    @cache
    def read() -> Owed:
        from chaos_runner.rollback.unproved_faults import owed_here

        made = _lab_made(session.inventory)
        return owed_here(
            runs_directory, lambda started: was_on(started, session.inventory, made), report
        )

    return read


def was_on(started: RunStarted, inventory: Inventory, made: float) -> bool:
    """Tell whether a run was on the hosts of an inventory: it was read from one of its sources.

    A directory and what lies in it are one source. One that is not where it was any more may have
    been moved, and its hosts count by their names; but the machines of a lab that was made after
    the run are others, whatever they are called.
    """
    before, now = started.inventory.split(", "), inventory.name.split(", ")
    if any(_is_same(one, other) for one in before for other in now):
        return started.at.timestamp() >= made
    return not made and not any(is_host_list(Path(each)) or Path(each).exists() for each in before)


def _is_same(one: str, other: str) -> bool:
    parents = {*map(str, Path(one).parents)}, {*map(str, Path(other).parents)}
    return one == other or one in parents[1] or other in parents[0]


def _lab_made(inventory: Inventory) -> float:
    """Return when the lab of an inventory was made, in seconds since 1970; 0 where it has none."""
    from chaos_runner.lab.layout import LabPlace

    if inventory.network_namespace is None:
        return 0.0
    try:
        return LabPlace(inventory.network_namespace).record.stat().st_mtime
    except OSError:
        return 0.0
