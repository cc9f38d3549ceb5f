"""Take faults back on a fleet and prove that each host is clean, from any state."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.shown import as_argument

if TYPE_CHECKING:
    from chaos_runner.fleet.inventory import Inventory
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.kafka.admin_faults.protocol.messages import Access
    from chaos_runner.operations.fleet import FleetSession
    from chaos_runner.operations.recovery.accept import Difference
    from chaos_runner.operations.recovery.take_back import Recovered
    from chaos_runner.rollback.recovery_journal import Recoveries
    from chaos_runner.rollback.unproved_faults import Owed


def recover_fleet(
    session: FleetSession,
    run: str | None,
    runs_directory: Path,
    *,
    limit: str | None = None,
    patience: float = 30.0,
    until_clean: bool = False,
    access: Access | None = None,
    confirm_accepting: Callable[[Sequence[Difference]], None] | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Recovered:
    """Take back the faults of a run, or all; a limit leaves out other hosts, and the cluster.

    `patience` is how many seconds a silent host is waited for; with `until_clean` hosts are asked
    until all are clean; `access` is the way to the cluster, where the run's own is not here or not
    meant. What the hosts answer is written beside the journals below
    `runs_directory`. With `confirm_accepting` differing hosts are taken as they are, unless it
    raises RefusedError. `report` gets what people should know meanwhile, a line each. Raises
    UsageError where `run` cannot be one.
    """
    from chaos_runner.fleet.which_faults import WhichFaults
    from chaos_runner.operations.fleet import chosen_hosts
    from chaos_runner.operations.recovery.cluster_faults import take_back_on_cluster
    from chaos_runner.operations.recovery.owed import owed_on
    from chaos_runner.operations.recovery.take_back import take_back
    from chaos_runner.rollback.recovery_journal import recoveries_told

    if run is not None:
        refuse_what_is_no_run(run, session.inventory)
    which = WhichFaults.every() if run is None else WhichFaults.of_run(run)
    of_run = None if run is None else _owed(run, runs_directory)
    owed = owed_on(session, runs_directory, report) if run is None else lambda: of_run or {}
    on_cluster = partial(take_back_on_cluster, session, run, runs_directory, access)
    with recoveries_told(runs_directory, "recover") as recoveries:
        found = take_back(
            session,
            chosen_hosts(session, limit),
            which,
            patience,
            recoveries,
            owed=owed,
            until_clean=until_clean,
            report=report,
            on_cluster=on_cluster if limit is None else lambda: None,
        )
        if confirm_accepting is not None and not found.ended_by:
            try:
                _accept(session, which, found, owed(), recoveries, confirm_accepting)
            except RefusedError as error:  # what was found counts all the same
                report("; ".join(filter(None, (error.message, error.hint))))
    found.note_journals(recoveries)
    found.run_is_unknown = run is not None and of_run is None and not found.knows(run)
    return found


def refuse_what_is_no_run(run: str, inventory: Inventory) -> None:
    """Raise UsageError where a name is a host's or a group's, or no id of a run."""
    if run in inventory.hosts or run in inventory.groups:
        raise UsageError(
            f"`{run}` is a {'host' if run in inventory.hosts else 'group'}, not a run",
            f"for all faults on it: `chaos-runner recover --all --limit {as_argument(run)}`",
        )
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", run):
        raise UsageError(
            f"`{run}` is no id of a run", "an id is such as `20261123-144500-k3f9a2c1`"
        )


def _accept(
    session: FleetSession,
    which: WhichFaults,
    found: Recovered,
    owed: Owed,
    recoveries: Recoveries,
    confirm: Callable[[Sequence[Difference]], None],
) -> None:
    from chaos_runner.measurements.cluster_fault import CLUSTER
    from chaos_runner.operations.recovery.accept import accept, differences_of
    from chaos_runner.operations.recovery.cluster_faults import accept_on_cluster

    differences = differences_of(found)
    if not differences:
        return
    confirm(differences)
    hosts = list(dict.fromkeys(each.host for each in differences))
    if CLUSTER in hosts:
        hosts.remove(CLUSTER)
        found.results[CLUSTER] = accept_on_cluster(found.results[CLUSTER], recoveries)
    differing = {host: found.results[host] for host in hosts}
    found.results |= accept(session, which, differing, owed, recoveries)


def _owed(run: str, runs_directory: Path) -> Owed | None:
    """Return what the run's journal says of its hosts, None where it cannot be read: go on."""
    from chaos_runner.rollback.unproved_faults import owed_by

    try:
        return owed_by(run, runs_directory)
    except UsageError:
        return None
