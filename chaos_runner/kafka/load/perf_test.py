"""How producer-perf-test is called, and what it prints. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

_LAST_WORDS = 5
"""Seconds from the signal that asks the tool to end to the one that it cannot refuse."""
_NUMBER = r"(\d{1,12}(?:\.\d{1,6})?)"
_REPORT = re.compile(
    rf"(\d{{1,12}}) records sent, {_NUMBER} records/sec \({_NUMBER} MB/sec\), "
    rf"{_NUMBER} ms avg latency, {_NUMBER} ms max latency\.",
    re.ASCII,
)
"""What it prints every five seconds of those; the sum at its end goes on with percentiles."""


@dataclass(frozen=True)
class LoadReport:
    """What the tool reported of some seconds; latencies are milliseconds."""

    records: int
    per_second: float
    average: float
    longest: float


def perf_test(
    command: Sequence[str], topic: str, records: int, rate: float, size: int, servers: str
) -> list[str]:
    """Return the call of the tool, in words that every distribution since 2.0 understands."""
    return [
        *command,
        *("--topic", topic, "--num-records", str(records), "--record-size", str(size)),
        *("--throughput", f"{rate:.10g}"),
        *("--producer-props", f"bootstrap.servers={servers}"),
    ]


def bounded(call: Sequence[str], seconds: float) -> str:
    """Return a shell script that runs a call so long at most, and as long as its input is open.

    `timeout` gives it a process group of its own, all of which it ends. A signal that comes before
    it knows what it has started would end it alone, so the group gets that as well.
    """
    limit = f"timeout -k {_LAST_WORDS} {seconds:g}"
    return (
        f"exec 3<&0 </dev/null; {limit} {shlex.join(call)} 3<&- & load=$!; "
        "{ read -r _; kill -s TERM -- -$load $load; } <&3 >/dev/null 2>&1 & watch=$!; exec 3<&-; "
        "wait $load; code=$?; kill $watch 2>/dev/null; exit $code"
    )


def report_in(line: str) -> LoadReport | None:
    """Return what a line of the tool reports of some seconds; None for any other line."""
    found = _REPORT.fullmatch(line.strip())
    if found is None:
        return None
    return LoadReport(int(found[1]), float(found[2]), float(found[4]), float(found[5]))
