"""Run fuzzers for a long time, each in a process of its own, and say what came of it."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
import traceback

from tests.unit.fuzz.fuzzer import run
from tests.unit.fuzz.fuzzers import FUZZERS

_AT_ONCE = 500
"""Inputs between two looks at the clock."""
_BETWEEN_REPORTS = 300.0
"""Seconds."""


def main() -> int:
    """Run every fuzzer that is named, or all, one after the other."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FUZZERS)}")
    parser.add_argument("--seconds", type=float, default=3600.0, help="for each; default: an hour")
    parser.add_argument(
        "--seed", type=int, help="of the first input; a finding names its own (default: the time)"
    )
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(FUZZERS):
        parser.error(f"no such fuzzer: {', '.join(sorted(unknown))}")
    names = arguments.names or list(FUZZERS)
    seed = time.time_ns() if arguments.seed is None else arguments.seed
    if arguments.alone:
        return sum(_fuzzed(name, arguments.seconds, seed) for name in names)
    command = [sys.executable, "-m", "tests.unit.fuzz", "--alone", "--seed", str(seed)]
    seconds = ["--seconds", str(arguments.seconds)]
    statuses = [subprocess.run([*command, *seconds, name], check=False) for name in names]
    return int(any(done.returncode for done in statuses))


def _fuzzed(name: str, seconds: float, seed: int) -> int:
    """Run one until its time is over or it finds something; return the number of findings."""
    began, tried, reported = time.monotonic(), 0, 0.0
    print(f"{name}: seeds from {seed} on", flush=True)
    while (spent := time.monotonic() - began) < seconds:
        if spent - reported > _BETWEEN_REPORTS:
            reported = spent
            print(f"{name}: {_counted(tried, spent)}", flush=True)
        try:
            run(FUZZERS[name], _AT_ONCE, seed + tried)
        except BaseException:  # noqa: BLE001  # whatever an input leads to is a finding
            traceback.print_exc()
            print(f"{name}: a finding among {_counted(tried + _AT_ONCE, spent)}", flush=True)
            return 1
        tried += _AT_ONCE
    print(f"{name}: {_counted(tried, spent)}, no finding", flush=True)
    return 0


def _counted(tried: int, spent: float) -> str:
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime
    return f"{tried} inputs in {spent:.0f} s, {processor:.0f} s of the processor"


if __name__ == "__main__":
    sys.exit(main())
