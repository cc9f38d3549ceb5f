"""A soak of the monkey on the lab: faults every two minutes, and what is left after an hour.

Every host has to be clean, the monkey's memory flat, and each time that was due accounted for:
begun and ended, or left out with its reason, in the journal as in what the monkey says.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
from chaos_runner.schedule.monkey_events import Begun, Ended, Skipped, Started
from tests.integration.conftest import COMMAND, LAB_INVENTORY, chaos_runner
from tests.integration.lab.run.test_three_faults import experiment_file

FAULTS = {
    "partition": ("network_partition: {}", "10s"),
    "stop": ("service_stop: {service: kafka}", "10s"),
}
SCHEDULE = """\
title: A soak on the lab
owner: the lab
experiments:
{experiments}
"""
GROWTH = 24 * 1024
"""KiB by which the monkey may grow from its second run on: what is kept of a run is a line."""
ENDING = 300.0
"""Seconds for a run that is on to take its faults back."""


@dataclass
class Soak:
    """A schedule in a directory of its own, and the monkey that works it off."""

    directory: Path
    resident: list[int] = field(default_factory=list)
    """KiB, a sample each ten seconds."""

    def write(self) -> Path:
        """Write the schedule: every two minutes, one experiment after the other."""
        entries = []
        for number, (name, (fault, duration)) in enumerate(FAULTS.items()):
            place = self.directory / name
            place.mkdir()
            experiment_file(place, fault, duration).rename(self.directory / f"{name}.yml")
            minutes = f"{2 * number}-59/{2 * len(FAULTS)}"
            entries.append(f'  - {{experiment: {name}.yml, cron: "{minutes} * * * *"}}')
        file = self.directory / "soak.yml"
        file.write_text(SCHEDULE.format(experiments="\n".join(entries)))
        return file

    def run(self, minutes: float) -> int:
        """Let the monkey work for so long, end it in order, and return its exit code."""
        runs = self.directory / "runs"
        command = [*COMMAND, "monkey", str(self.write()), "-i", str(LAB_INVENTORY)]
        places = ["--runs", str(runs), "--findings", str(self.directory / "findings")]
        with (self.directory / "monkey.log").open("wb") as log:
            monkey = subprocess.Popen(
                [*command, *places, "--yes"], stdout=log, stderr=subprocess.STDOUT
            )
            deadline = time.monotonic() + 60 * minutes
            try:
                while time.monotonic() < deadline and monkey.poll() is None:
                    time.sleep(10)
                    self.resident.append(_resident(monkey.pid))
            finally:
                monkey.send_signal(signal.SIGTERM)
                code = monkey.wait(ENDING)
        return code

    def problems(self, code: int) -> list[str]:
        """Return what is not as it should be."""
        events = list(MonkeyJournal(self.directory / "runs", "soak").events())
        begun = [each for each in events if isinstance(each, Begun)]
        ended = {each.run: each for each in events if isinstance(each, Ended)}
        skipped = [each for each in events if isinstance(each, Skipped)]
        log = (self.directory / "monkey.log").read_text()
        [started] = [each.at for each in events if isinstance(each, Started)]
        known = {each.due for each in (*begun, *skipped)}
        # What was due in the last minutes may have waited for a run that was on.
        unknown = _due(started, events[-1].at - timedelta(minutes=6)) - known
        unsaid = [each.run for each in ended.values() if each.run not in log]
        verdicts = [each.verdict or "none" for each in ended.values()]
        print(f"{len(begun)} runs: {', '.join(verdicts)}; {len(skipped)} left out")
        for each in skipped:
            print(f"left out: {each.experiment} due {each.due:%H:%M}: {each.reason}")
        settled = self.resident[len(self.resident) // 4 :] or [0]
        print(f"memory: {settled[0]} KiB after a quarter, at most {max(settled)} KiB then")
        found = [
            (not begun, "no run began"),
            (len(skipped) > len(begun), "more times were left out than came"),
            (code not in (0, 143), f"the monkey ended with {code}"),
            (ended.keys() != {each.run for each in begun}, "a run has no end in its journal"),
            (bool(unknown), f"due, and not in the journal: {sorted(unknown)}"),
            (bool(unsaid), f"not among the monkey's lines: {unsaid}"),
            (max(settled) - settled[0] > GROWTH, "its memory grew"),
            (chaos_runner("audit", "-i", LAB_INVENTORY).code != 0, "a host is not clean"),
        ]
        return [text for is_so, text in found if is_so]


def _due(since: datetime, until: datetime) -> set[datetime]:
    """Return the times at which something was due: every other minute."""
    first = since.replace(second=0, microsecond=0) + timedelta(minutes=1)
    minutes = int((until - first).total_seconds() // 60) + 1
    moments = (first + timedelta(minutes=number) for number in range(max(0, minutes)))
    return {moment for moment in moments if moment.minute % 2 == 0}


def _resident(process: int) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def main() -> int:
    """Soak, print what was seen, and return 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="keep runs and lines there")
    given = parser.parse_args()
    minutes = given.minutes
    with tempfile.TemporaryDirectory(prefix="chaos-soak-") as directory:
        if given.keep is not None:
            given.keep.mkdir(parents=True)
        soak = Soak(given.keep or Path(directory))
        problems = soak.problems(soak.run(minutes))
        if problems:
            print((soak.directory / "monkey.log").read_text()[-5000:])
    print("\n".join(problems) or "every host clean, memory flat, no notice missing")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
