"""Run fuzzers for a long time, each in a process of its own, and say what came of it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import traceback

from tests.unit.fuzz.fuzzer import run
from tests.unit.fuzz.fuzzers import FUZZERS

_AT_ONCE = 500
"""Inputs between two looks at the clock."""


def main() -> int:
    """Run every fuzzer that is named, or all, one after the other."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FUZZERS)}")
    parser.add_argument("--seconds", type=float, default=3600.0, help="for each; default: an hour")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(FUZZERS):
        parser.error(f"no such fuzzer: {', '.join(sorted(unknown))}")
    names = arguments.names or list(FUZZERS)
    if arguments.alone:
        return sum(_fuzzed(name, arguments.seconds) for name in names)
    command = [sys.executable, "-m", "tests.unit.fuzz", "--alone"]
    seconds = ["--seconds", str(arguments.seconds)]
    statuses = [subprocess.run([*command, *seconds, name], check=False) for name in names]
    return int(any(done.returncode for done in statuses))


def _fuzzed(name: str, seconds: float) -> int:
    """Run one until its time is over or it finds something; return the number of findings."""
    began, tried = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        try:
            tried += run(FUZZERS[name], _AT_ONCE)
        except BaseException:  # noqa: BLE001  # whatever an input leads to is a finding
            traceback.print_exc()
            print(f"{name}: a finding after {tried} inputs", flush=True)
            return 1
    spent = time.monotonic() - began
    print(f"{name}: {tried} inputs in {spent:.0f} s, no finding", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
