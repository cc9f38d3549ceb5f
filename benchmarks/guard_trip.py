"""Time a guard's trip: from its event in the journal to the first and the last host reverted.

Every broker of the lab gets a partition of a port that nobody uses, under a guard that trips at
once; the run is the command line's own.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from chaos_runner.run.events import FaultReverted, GuardTripped
from chaos_runner.run.journal_reader import read_journal

ROUNDS = 3
INVENTORY = Path(__file__).resolve().parents[1] / "inventories" / "lab"
EXPERIMENT = """\
title: A guard that trips at once, on every broker
steady_state: {loss: 0%}
phases: {before: 3s, after: 1s, recovery: 20s}
faults:
  - network_partition: {ports: [9]}
    targets: {group: kafka_broker, all: true}
    duration: 60s
guards:
  - ack_p50: 1ms
    hold: 1s
"""


def trip(directory: Path) -> tuple[float, float]:
    """Run the experiment once; return the seconds to the first and to the last host reverted."""
    experiment = directory / "experiment.yml"
    experiment.write_text(EXPERIMENT, encoding="utf-8")
    words = ["run", str(experiment), "--inventory", str(INVENTORY), "--runs", str(directory)]
    done = subprocess.run(
        [sys.executable, "-m", "chaos_runner", *words], capture_output=True, text=True, check=False
    )
    journal = next(directory.glob("*/journal.jsonl"), None)
    if journal is None:
        sys.exit(f"the run did not start: {done.stderr}")
    events = read_journal(journal).events
    tripped = [event.elapsed for event in events if isinstance(event, GuardTripped)]
    reverted = [event.elapsed for event in events if isinstance(event, FaultReverted)]
    if not tripped or not reverted:
        sys.exit(f"no guard tripped: {done.stderr}")
    return min(reverted) - tripped[0], max(reverted) - tripped[0]


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
        print(f"guard trip to {name:20} {statistics.median(seconds):.1f} s  (rounds: {rounds})")


if __name__ == "__main__":
    main()
