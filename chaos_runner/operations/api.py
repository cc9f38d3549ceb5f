"""The public Python functions: what the command line does, for other people's programs.

They are exported by `chaos_runner` itself. Errors are those of `chaos_runner.errors`; each says
what the user can do. An inventory whose hosts live in a network namespace, as those of a lab do,
moves the calling process into it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.execution.phases import Outcome
    from chaos_runner.journal.events import Event
    from chaos_runner.operations.recovery.take_back import Recovered
    from chaos_runner.planning.plan import Plan
    from chaos_runner.report.story.model import RunStory


def plan(
    experiment_file: Path,
    inventory: Sequence[Path],
    *,
    trusted: bool = False,
    one_channel: bool = False,
) -> Plan:
    """Resolve an experiment against an inventory: exact hosts, exact commands. Only reads.

    `trusted` lets the experiment reach beyond itself, as `--trust` does; with `one_channel` hosts
    are taken that Ansible alone reaches. Raises RefusedError for what a run would refuse.
    """
    from chaos_runner.experiment.load import load_experiment
    from chaos_runner.operations.fleet import open_fleet
    from chaos_runner.operations.plan import plan_experiment
    from chaos_runner.planning.trust_gate import require_trust
    from chaos_runner.workspace import NamedInventory

    experiment = load_experiment(experiment_file)
    require_trust(experiment, experiment_file, trusted=trusted)
    session = open_fleet(NamedInventory(tuple(inventory)))
    resolved = plan_experiment(experiment, experiment_file, session, one_channel=one_channel)
    resolved.refuse_if_unsafe()
    return resolved


def run(
    plan: Plan, runs_directory: Path, observe: Callable[[Event], None] = lambda _: None
) -> Outcome:
    """Execute a plan: apply its faults, judge the steady state, put every host back.

    The journal is written below `runs_directory`; `observe` gets every event of it, and nobody
    else is told. SIGINT, SIGTERM and SIGHUP end the run early and in order, so call this in the
    main thread. Raises RefusedError while the inventory is halted, and ProbeError or UsageError
    when the probe cannot start; no host has been touched then.
    """
    from chaos_runner.execution.announcing.announcements import no_announcements
    from chaos_runner.execution.start import start_run
    from chaos_runner.execution.stopping.halt_switch import refuse_if_down
    from chaos_runner.execution.stopping.interruption import watch_signals
    from chaos_runner.hosts.ansible.channel import AnsibleChannel
    from chaos_runner.versions import versions
    from chaos_runner.workspace import state_directory

    for source in plan.inventory.sources:
        refuse_if_down(source, state_directory())
    ansible = AnsibleChannel(plan.inventory)
    with watch_signals(lambda _: None) as interruption:
        return start_run(
            plan,
            ansible,
            interruption,
            runs_directory,
            versions(),
            observe,
            no_announcements(),
        )


def recover(
    inventory: Sequence[Path],
    runs_directory: Path,
    *,
    run: str | None = None,
    patience: float = 30.0,
    report: Callable[[str], None] = lambda _: None,
) -> Recovered:
    """Take faults back on every host of an inventory, and prove that each is clean.

    All faults, or those of one run; again and again if need be. `patience` is how many seconds a
    silent host is waited for; `report` gets what people should know meanwhile. What the hosts
    answer is written beside the journals below `runs_directory`.
    """
    from chaos_runner.operations.fleet import open_fleet
    from chaos_runner.operations.recovery.recover import recover_fleet
    from chaos_runner.workspace import NamedInventory

    session = open_fleet(NamedInventory(tuple(inventory)))
    return recover_fleet(session, run, runs_directory, patience=patience, report=report)


def read_run(journal: Path) -> RunStory:
    """Return what a run's journal tells: verdict, phases, hosts, records. Reads nothing else."""
    from chaos_runner.journal.reader import read_journal
    from chaos_runner.report.story.report_model import tell_story

    return tell_story(read_journal(journal))
