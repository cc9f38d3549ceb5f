"""Time a safeguard's trip: from its event in the journal to the first and the last host reverted.

Every broker of the lab gets a partition of a port that nobody uses, under a safeguard that is then
made to trip; the run is the command line's own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from chaos_runner.journal.events import Event, FaultReverted, PhaseStarted, SafeguardTripped
from chaos_runner.journal.reader import read_journal

ROUNDS = 3
LIMIT = 180
INVENTORY = Path(__file__).resolve().parents[1] / "inventories" / "lab"
EXPERIMENT = """\
title: A safeguard that trips, on every broker
steady_state: {loss: 0%}
phases: {before: 3s, after: 1s, recovery: 20s}
faults:
  - network_partition: {ports: [9]}
    targets: {group: kafka_broker, all: true}
    duration: 60s
safeguards:
  - command: [test, "!", -e, trip]
    interval: 1s
    hold: 1s
"""


def trip(directory: Path) -> tuple[float, float]:
    """Run the experiment once; return the seconds to the first and to the last host reverted."""
    experiment = directory / "experiment.yml"
    experiment.write_text(EXPERIMENT, encoding="utf-8")
    words = ["run", str(experiment), "--inventory", str(INVENTORY), "--runs", str(directory)]
    with subprocess.Popen(
        [sys.executable, "-m", "chaos_runner", *words, "--trust"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        while run.poll() is None and "during" not in _phases(directory):
            time.sleep(0.2)
        (directory / "trip").touch()
        run.wait(LIMIT)
    events = _events(directory)
    tripped = [event.elapsed for event in events if isinstance(event, SafeguardTripped)]
    reverted = [event.elapsed for event in events if isinstance(event, FaultReverted)]
    if not tripped or not reverted:
        sys.exit(f"no safeguard tripped; the run ended with {run.returncode}")
    return min(reverted) - tripped[0], max(reverted) - tripped[0]


def _events(directory: Path) -> Sequence[Event]:
    journal = next(directory.glob("*/journal.jsonl"), None)
    return read_journal(journal).events if journal and journal.stat().st_size else ()


def _phases(directory: Path) -> set[str]:
    return {event.phase for event in _events(directory) if isinstance(event, PhaseStarted)}


def main() -> None:
    """Print medians of both times."""
    first: list[float] = []
    last: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as directory:
            soonest, latest = trip(Path(directory))
        first.append(soonest)
        last.append(latest)
    for name, seconds in (("first host reverted", first), ("last host reverted", last)):
        rounds = " ".join(f"{each:.1f}" for each in seconds)
        print(f"safeguard trip to {name:20} {statistics.median(seconds):.1f} s  (rounds: {rounds})")


if __name__ == "__main__":
    main()
