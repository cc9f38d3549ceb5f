"""How long the history of 10,000 runs takes, by the clock and of CPU; made data."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos_runner.learning.history.facts import (
    Figure,
    JudgedTolerance,
    RunDetails,
    RunFacts,
    TriedFault,
)
from chaos_runner.learning.history.index import index_file, read_history

NOW = datetime.now(UTC)
SHARES = ("0%", "0.001%", "0.02%", "0.3%")


def made_facts(journal: Path) -> RunFacts:
    """Return made facts for the journal of a run, whose directory is its age in hours."""
    hours = int(journal.parent.name)
    broker = f"kafka-{1 + hours % 12}"
    deviates = hours % 50 == 0
    details = RunDetails(
        title="Made data",
        owner="nobody",
        lasted=120.0,
        exit_code=int(deviates),
        faults=(TriedFault(kind="service_kill", summary=f"kill {broker}", targets=(broker,)),),
        judged=tuple(
            JudgedTolerance(
                phase=phase,
                tolerance=tolerance,
                verdict="deviated" if deviates and phase == "during" else "held",
                limit="at most 0.5%",
                observed=SHARES[hours % 4] if tolerance == "loss" else f"{90 + hours % 97} ms",
            )
            for phase in ("before", "during", "after")
            for tolerance in ("loss", "availability", "ack_p99")
        ),
        acknowledged=12_000 + hours % 1000,
        lost=hours % 4,
        figures={"loss": Figure(value=hours % 4 / 100), "recover": Figure(value=5.0 + hours % 7)},
        causes=("acks_not_all",) if deviates else (),
    )
    return RunFacts(
        run=journal.parent.name,
        kind="run",
        experiment=f"experiment-{hours % 20}",
        started=NOW - timedelta(hours=hours),
        verdict="deviated" if deviates else "held",
        details_json=details.model_dump_json(),
    )


COMMANDS = {
    "history": ("history",),
    "trend": ("trend", "experiment-3"),
    "compare": ("compare", "41", "61"),
    "gate": ("gate", "--since", "1000"),
    "insights": ("insights",),
    "suggest": ("suggest",),
    "status": ("status", "status.html"),
    "changelog": ("changelog", "--since", "1000"),
    "findings": ("findings", "verify"),
}
"""What asks the history; each as a user types it, Python's start included."""


def cpu_of_children() -> float:
    """Return the seconds of CPU that ended children of this process have taken."""
    used = os.times()
    return used.children_user + used.children_system


def main(runs: int) -> None:
    """Make so many runs, index them, and print how long each command takes."""
    with TemporaryDirectory() as directory:
        state, journals = Path(directory) / "state", Path(directory) / "runs"
        for number in range(runs):
            (journals / str(number)).mkdir(parents=True)
            (journals / str(number) / "journal.jsonl").touch()
        index = index_file(state / "chaos-runner", journals)
        read_history(journals, index, made_facts)
        began, cpu = time.perf_counter(), time.process_time()
        history = read_history(journals, index, made_facts)
        read, cpu = time.perf_counter() - began, time.process_time() - cpu
        size = index.stat().st_size / 1024**2
        print(
            f"{len(history.runs):,} runs, an index of {size:.1f} MiB, read in the process: ", end=""
        )
        print(f"{read:.2f} s, {cpu:.2f} s of CPU")
        where = {"XDG_STATE_HOME": str(state), "CHAOS_RUNNER_RUNS": str(journals)}
        for name, arguments in COMMANDS.items():
            began, cpu = time.perf_counter(), cpu_of_children()
            done = subprocess.run(
                [sys.executable, "-m", "chaos_runner", *arguments],
                cwd=directory,
                env={**os.environ, **where},
                stdout=subprocess.DEVNULL,
                check=False,
            )
            lasted, cpu = time.perf_counter() - began, cpu_of_children() - cpu
            print(f"{name}: {lasted:.2f} s, {cpu:.2f} s of CPU, exit code {done.returncode}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
