"""How long the report of a large run takes, and how much memory: 500 hosts, a day of seconds."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from large_journal import SECONDS, write_large_journal

FORMS = ("html", "markdown", "json", "junit")


def measure(journal: Path, *arguments: str) -> str:
    """Return what a command with a journal took: by the clock, of CPU, and at most of memory."""
    command = [sys.executable, "-m", "chaos_runner", *arguments]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    lasted = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    return (
        f"{lasted:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU, "
        f"{used.ru_maxrss / 1024:.0f} MiB, exit code {code}"
    )


def main() -> None:
    """Make a journal and print what each form of its report costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--form", action="append", choices=FORMS)
    parser.add_argument("--journal", type=Path, help="one that is there, or is to be kept")
    given = parser.parse_args()
    with TemporaryDirectory() as directory:
        journal = given.journal or Path(directory) / "journal.jsonl"
        if not journal.exists():
            write_large_journal(journal, given.hosts, given.seconds)
        print(f"{journal}: {journal.stat().st_size / 1024**2:.1f} MiB")
        for form in given.form or FORMS:
            where = str(Path(directory) / "report")
            arguments = ("report", str(journal), "--format", form, "--output-file", where)
            print(f"{form}: {measure(journal, *arguments)}", flush=True)


if __name__ == "__main__":
    main()
