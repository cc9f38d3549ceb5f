"""Halt a fleet: every fault off now, and no run starts on it until it is resumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.errors import ChaosRunnerError, UsageError

if TYPE_CHECKING:
    from chaos_runner.execution.stopping.halt_switch import HaltSwitch
    from chaos_runner.operations.recovery.take_back import Recovered
    from chaos_runner.workspace import NamedInventory


@dataclass(frozen=True)
class Halted:
    """How hosts came back, and where runs are not kept from starting, though faults are off."""

    recovered: Recovered
    not_halted_here: str = ""
    """Why the control node could not be halted; empty where it is."""

    @property
    def not_halted(self) -> dict[str, str]:
        """Return the hosts that do not keep that they are halted, each with the reason."""
        return {each.host: why for each in self.recovered.hosts if (why := each.halt_error)}


@dataclass(frozen=True)
class Resumed:
    """Where runs may start again."""

    was_halted_here: bool
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Each host that was asked, to why it is still halted; empty where it takes faults."""
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def still_halted(self) -> dict[str, str]:
        """Return the hosts that are still halted, each with the reason."""
        return {host: why for host, why in self.hosts.items() if why}


def halt_fleet(
    named: NamedInventory,
    reason: str,
    runs_directory: Path,
    *,
    limit: str | None = None,
    patience: float = 30.0,
    report: Callable[[str], None] = lambda _: None,
) -> Halted:
    """Take every fault back, and let no run start on an inventory until `resume_fleet`.

    It is halted on the control node first, whatever state the inventory and the hosts are in. Where
    no host can be asked, the error that is raised says whether it is.
    """
    from chaos_runner.execution.stopping.halt_switch import HaltSwitch
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.operations.fleet import chosen_hosts, open_fleet
    from chaos_runner.operations.recovery.cluster_faults import take_back_on_cluster
    from chaos_runner.operations.recovery.owed import owed_on
    from chaos_runner.operations.recovery.take_back import take_back
    from chaos_runner.rollback.recovery_journal import recoveries_told

    switches = [HaltSwitch.of(source, reason) for source in named.sources]
    not_halted_here = "; ".join(filter(None, (_halted_here(each, report) for each in switches)))
    try:
        session = open_fleet(named)
        choice = chosen_hosts(session, limit)
    except ChaosRunnerError as error:
        here = not_halted_here or "runs on it are halted here, and `chaos-runner resume` lifts that"
        error.message = f"{error.message}\nno host was asked; {here}"
        raise
    on_cluster = partial(take_back_on_cluster, session, None, runs_directory)
    with recoveries_told(runs_directory, "halt", reason) as recoveries:
        found = take_back(
            session,
            choice,
            WhichFaults.every_and_halt(switches[0].text),
            patience,
            recoveries,
            owed=owed_on(session, runs_directory, report),
            until_clean=False,
            report=report,
            on_cluster=on_cluster if limit is None else lambda: None,
        )
    found.note_journals(recoveries)
    return Halted(found, not_halted_here)


def resume_fleet(
    named: NamedInventory, *, limit: str | None = None, only_here: bool = False
) -> Resumed:
    """Let runs start on an inventory again: on the control node, and unless `only_here` on hosts.

    It is lifted on the control node whatever state the inventory is in. A host that gives no answer
    stays halted.
    """
    from chaos_runner.execution.stopping.halt_switch import resume_here
    from chaos_runner.operations.fleet import chosen_hosts, open_fleet
    from chaos_runner.operations.recovery.resume import resume_hosts
    from chaos_runner.workspace import state_directory

    lifted_here = [resume_here(source, state_directory()) for source in named.sources]
    was_halted = any(lifted_here)
    if only_here:
        return Resumed(was_halted)
    try:
        session = open_fleet(named)
        choice = chosen_hosts(session, limit)
        asked = {**choice.unknown, **resume_hosts(session, choice.hosts)}
    except ChaosRunnerError as error:
        lifted = "runs may start from here again" if was_halted else "nothing was halted here"
        error.message = f"{error.message}\nno host was asked, and may still be halted; {lifted}"
        raise
    return Resumed(was_halted, asked, dict(choice.left_out))


def _halted_here(switch: HaltSwitch, report: Callable[[str], None]) -> str:
    """Halt here; return why it could not be: the hosts go first all the same."""
    from chaos_runner.execution.stopping.halt_switch import halt_here
    from chaos_runner.workspace import state_directory

    try:
        halt_here(switch, state_directory())
    except UsageError as error:
        report("; ".join(filter(None, (error.message, error.hint))))
        return error.message
    return ""
