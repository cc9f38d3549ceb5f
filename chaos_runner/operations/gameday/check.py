"""Check a game day before it is held: every plan, its times, and whom it would affect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.gameday.load import LoadedDay, load_gameday
from chaos_runner.gameday.readiness import Remark, remarks_on
from chaos_runner.gameday.run_sheet import PlannedItem
from chaos_runner.gameday.timetable import Slot, timetable

if TYPE_CHECKING:
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.planning.plan import Plan


@dataclass(frozen=True)
class DayCheck:
    """What was found of a game day."""

    loaded: LoadedDay
    planned: dict[int, PlannedItem]
    """By the number of the item; those that could not be planned are missing."""
    slots: tuple[Slot, ...]
    remarks: list[Remark]

    @property
    def problems(self) -> list[str]:
        """Return what keeps the day from being held."""
        return [remark.line for remark in self.remarks if remark.level == "problem"]


def trusted_gameday(file: Path, *, trusted: bool) -> LoadedDay:
    """Return a game day whose experiments may reach for what they reach for.

    Raises UsageError naming every mistake, RefusedError naming all that its experiments reach for.
    """
    from chaos_runner.planning.trust_gate import require_trust_in_all

    loaded = load_gameday(file)
    require_trust_in_all(file, loaded.experiments, trusted=trusted)
    return loaded


def problems_now(loaded: LoadedDay) -> list[str]:
    """Return what people and times say against a day that is to begin now; no host is asked."""
    found = remarks_on(loaded, timetable(loaded, {}), datetime.now(UTC))
    return [remark.line for remark in found if remark.level == "problem"]


def check_day(
    loaded: LoadedDay,
    inventory: Sequence[Path] | None,
    now: datetime,
    *,
    ask_hosts: bool = True,
    one_channel: bool = False,
) -> DayCheck:
    """Make the plan of every experiment, which only reads, and look at people and times.

    An inventory that cannot be read, and a plan that is refused, become problems of the day.
    """
    from chaos_runner.errors import ChaosRunnerError
    from chaos_runner.operations.fleet import open_fleet
    from chaos_runner.workspace import find_inventory

    planned: dict[int, PlannedItem] = {}
    remarks: list[Remark] = []
    if ask_hosts:
        try:
            session = open_fleet(find_inventory(inventory))
        except ChaosRunnerError as error:
            remarks.append(Remark("problem", f"no plan could be made: {error.message}"))
        else:
            planned, remarks = _plans(loaded, session, one_channel=one_channel)
    else:
        remarks.append(Remark("warning", "no host was asked, so no plan was made"))
    slots = timetable(loaded, {number: each.end_of_faults for number, each in planned.items()})
    remarks += remarks_on(loaded, slots, now)
    remarks.sort(key=lambda remark: remark.level)
    return DayCheck(loaded, planned, slots, remarks)


def _plans(
    loaded: LoadedDay, session: FleetSession, *, one_channel: bool
) -> tuple[dict[int, PlannedItem], list[Remark]]:
    from chaos_runner.errors import ChaosRunnerError
    from chaos_runner.operations.plan import plan_experiment

    planned: dict[int, PlannedItem] = {}
    remarks: list[Remark] = []
    begins = {slot.entry.number: slot.begins for slot in timetable(loaded, {})}
    for each in loaded.items:
        if each.experiment is None or each.file is None:
            continue
        try:
            plan = plan_experiment(
                each.experiment,
                each.file,
                session,
                one_channel=one_channel,
                begins=begins[each.number],
            )
            planned[each.number] = _planned(plan)
            plan.refuse_if_unsafe()
        except ChaosRunnerError as error:
            place = loaded.place(("agenda", each.number - 1))
            remarks.append(Remark("problem", f"{each.item.text}: {error}", place))
    return planned, remarks


def _planned(plan: Plan) -> PlannedItem:
    kinds = dict.fromkeys(f"{fault.kind}, {fault.summary}" for fault in plan.faults)
    return PlannedItem(
        faults=tuple(kinds),
        targets=plan.exposed,
        radius=plan.blast_radius,
        end_of_faults=max(fault.end for fault in plan.faults),
    )
