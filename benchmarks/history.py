"""How long the history of 10,000 runs takes, by the clock and of CPU; made data."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos_runner.learning.history.comparison import halves, trends
from chaos_runner.learning.history.facts import Figure, JudgedTolerance, RunFacts, TriedFault
from chaos_runner.learning.history.index import read_history

START = datetime(2020, 1, 1, tzinfo=UTC)


def made_facts(journal: Path) -> RunFacts:
    """Return made facts for the journal of a run, whose directory is a number."""
    number = int(journal.parent.name)
    return RunFacts(
        run=journal.parent.name,
        kind="run",
        experiment=f"experiment-{number % 20}",
        title="Made data",
        owner="nobody",
        started=START + timedelta(hours=number),
        lasted=120.0,
        verdict="held",
        exit_code=0,
        faults=(TriedFault(kind="service_kill", summary="kill kafka", targets=("kafka-1",)),),
        judged=tuple(
            JudgedTolerance(
                phase=phase, tolerance=tolerance, verdict="held", limit="at most 0%", observed="0%"
            )
            for phase in ("before", "during", "after")
            for tolerance in ("loss", "availability", "ack_p99")
        ),
        acknowledged=12_000,
        lost=0,
        figures={"loss": Figure(value=0.0), "recover": Figure(value=5.0 + number % 7)},
    )


def main(runs: int) -> None:
    """Make so many runs, index them, and print how long reading them by the index takes."""
    with TemporaryDirectory() as directory:
        journals, index = Path(directory) / "runs", Path(directory) / "index.sqlite"
        for number in range(runs):
            (journals / str(number)).mkdir(parents=True)
            (journals / str(number) / "journal.jsonl").touch()
        read_history(journals, index, made_facts)
        began, cpu = time.perf_counter(), time.process_time()
        history = read_history(journals, index, made_facts)
        read, cpu = time.perf_counter(), time.process_time() - cpu
        trends(*halves(history.of_experiment("experiment-3")))
        ended = time.perf_counter()
        size = index.stat().st_size / 1024**2
        print(f"{len(history.runs):,} runs: {read - began:.2f} s, {cpu:.2f} s of CPU, ")
        print(f"by an index of {size:.1f} MiB; ")
        print(f"a trend of one experiment: {ended - read:.3f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
