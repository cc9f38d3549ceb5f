"""`chaos-runner monkey`: work a schedule off, or show what it would do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chaos_runner.cli.options.shared import (
    FindingsOption,
    InventoryOption,
    OneChannelOption,
    RunsOption,
    TrustOption,
)
from chaos_runner.cli.text.output import Output, OutputOption, print_json, print_text
from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.shown import shown_line

if TYPE_CHECKING:
    from chaos_runner.notify.receivers import Receiver
    from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
    from chaos_runner.schedule.loaded import LoadedSchedule
    from chaos_runner.schedule.occurrences import Occurrence

SHOWN_DAYS = 14
MOST_SHOWN = 10_000


def monkey(
    schedule: Annotated[Path, typer.Argument(help="A schedule file (YAML).")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the next occurrences, and do nothing.")
    ] = False,
    until: Annotated[
        str | None,
        typer.Option(help=f"With --dry-run: to which day; {SHOWN_DAYS} days by default."),
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(
            metavar="EXPERIMENT", help="Let an experiment come again that is held back, and end."
        ),
    ] = None,
    inventory: InventoryOption = None,
    runs: RunsOption = None,
    findings: FindingsOption = None,
    trust: TrustOption = False,
    one_channel: OneChannelOption = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Touch hosts again and again, without asking.")
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Run the experiments of a schedule, each in its time, until a signal ends it in order."""
    from chaos_runner.notify.receivers import find_receivers
    from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
    from chaos_runner.schedule.load import load_schedule
    from chaos_runner.workspace import find_findings, find_inventory, find_runs

    if until is not None and not dry_run:
        raise UsageError("--until belongs to --dry-run", "say both, or neither")
    loaded = load_schedule(schedule)
    directory = find_runs(runs)
    journal = MonkeyJournal(directory, loaded.name)
    if release is not None:
        _release(loaded, journal, release)
        return
    if dry_run:
        _print(loaded, _foreseen(loaded, journal, find_findings(findings), until), output)
        return
    _require_trust(loaded, trusted=trust)
    receivers = find_receivers()
    _require_receivers(loaded, receivers)
    named = find_inventory(inventory)
    if not yes:
        raise RefusedError(
            "a monkey puts faults on hosts again and again, and asks nobody; nothing was done",
            "look at `--dry-run`, and say --yes if it is as you want",
        )
    from chaos_runner.execution.stopping.interruption import watch_signals
    from chaos_runner.operations.monkey.fleet_world import FleetWorld
    from chaos_runner.operations.monkey.service import Monkey

    with watch_signals(lambda _: None) as interruption, journal.kept_by_one():
        world = FleetWorld(
            loaded,
            named,
            directory,
            find_findings(findings),
            receivers,
            interruption,
            lambda text: print(shown_line(text), flush=True),
            one_channel=one_channel,
        )
        Monkey(loaded, journal, world).work()


def _require_trust(loaded: LoadedSchedule, *, trusted: bool) -> None:
    """Raise RefusedError for what the experiments of a schedule reach for, unless trusted."""
    from chaos_runner.planning.trust_gate import require_trust_in_all

    experiments = [(each.experiment, each.file) for each in loaded.experiments]
    require_trust_in_all(loaded.file, experiments, trusted=trusted)


def _require_receivers(loaded: LoadedSchedule, receivers: Sequence[Receiver]) -> None:
    """Raise UsageError where the schedule announces and nobody would hear of it."""
    wanted = any("announcement" in each.events for each in receivers)
    if loaded.schedule.announce is not None and not wanted:
        raise UsageError(
            f"{loaded.file}: announce: there is no receiver that is notified of announcements",
            "name one in CHAOS_RUNNER_NOTIFY or CHAOS_RUNNER_NOTIFY_ANNOUNCEMENT",
        )


def _release(loaded: LoadedSchedule, journal: MonkeyJournal, name: str) -> None:
    from chaos_runner.journal.identity import user_here
    from chaos_runner.schedule.monkey_events import Released
    from chaos_runner.yaml_input.problem import did_you_mean

    if loaded.experiment(name) is None:
        near = did_you_mean(name, [each.name for each in loaded.experiments])
        raise UsageError(f"{loaded.file} has no experiment `{name}`{near}")
    journal.append(Released(at=datetime.now(UTC), experiment=name, by=user_here()))
    print_text(f"{name} may come again")


def _foreseen(
    loaded: LoadedSchedule, journal: MonkeyJournal, findings: Path, until: str | None
) -> list[Occurrence]:
    """Return the next occurrences as the service would see them now."""
    from chaos_runner.operations.monkey.run_findings import is_released
    from chaos_runner.schedule.occurrences import occurrences
    from chaos_runner.schedule.progress import progress_of, schedule_history
    from chaos_runner.yaml_input.days import parse_date

    now = datetime.now(UTC).replace(microsecond=0)
    end = now + timedelta(days=SHOWN_DAYS)
    if until is not None:
        try:
            day = parse_date(until)
            end = datetime.combine(day, time(), loaded.zone) + timedelta(days=1)
        except (ValueError, OverflowError) as error:
            raise UsageError(f"--until: {error}") from None
    history = schedule_history(
        progress_of(journal.events()), lambda run: is_released(findings, run)
    )
    return list(islice(occurrences(loaded, now, end.astimezone(UTC), history), MOST_SHOWN))


def _print(loaded: LoadedSchedule, found: list[Occurrence], output: Output) -> None:
    if output is Output.json:
        print_json(
            {
                "title": loaded.schedule.title,
                "time_zone": loaded.schedule.time_zone,
                "occurrences": [
                    {
                        "experiment": each.experiment,
                        "due": each.due.isoformat(),
                        "left_out": each.left_out or None,
                    }
                    for each in found
                ],
            }
        )
        return
    lines = [f"{loaded.schedule.title} ({loaded.schedule.time_zone})"]
    width = max((len(each.experiment) for each in found), default=0)
    for each in found:
        local = each.due.astimezone(loaded.zone)
        left_out = f"  left out: {each.left_out}" if each.left_out else ""
        lines.append(f"  {local:%a %Y-%m-%d %H:%M:%S %z}  {each.experiment:<{width}}{left_out}")
    if not found:
        lines.append("  nothing comes in that time")
    print_text("\n".join(line.rstrip() for line in lines))
