"""What Kafka's load tool is asked for, what it prints, and that nothing of it stays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from chaos_runner.kafka.load.perf_test import LoadReport, bounded, perf_test, report_in
from chaos_runner.kafka.load.process import LoadProcess
from tests.waiting import PATIENCE, wait_until

REPORT = (
    "2501 records sent, 500.1 records/sec (0.48 MB/sec), 2.6 ms avg latency, 12.0 ms max latency."
)
SENDING = f"echo $$ >{{pid}}; while :; do echo '{REPORT}'; sleep 0.05; done"


def started(
    script: str, seconds: float, ended: Callable[[int, str], None], tmp_path: Path
) -> tuple[LoadProcess, list[LoadReport]]:
    """Start a stand-in for the tool as the run does."""
    reports: list[LoadReport] = []
    words = ("sh", "-c", bounded(["sh", "-c", script], seconds))
    return LoadProcess(words, None, tmp_path, reports.append, ended), reports


def is_there(file: Path) -> bool:
    """Tell whether the process whose id a file has still runs."""
    status = Path(f"/proc/{file.read_text().strip()}/status")
    try:
        return "\nState:\tZ" not in status.read_text()
    except OSError:
        return False


def test_it_is_bounded_in_count_rate_and_size() -> None:
    call = perf_test(["perf-test.sh", "--x"], "orders", 3_600_000, 1_000_000.0, 1024, "a:1,b:2")
    assert call == [
        *("perf-test.sh", "--x", "--topic", "orders", "--num-records", "3600000"),
        *("--record-size", "1024", "--throughput", "1000000"),
        *("--producer-props", "bootstrap.servers=a:1,b:2"),
    ]


def test_only_the_reports_of_some_seconds_count() -> None:
    assert report_in(REPORT) == LoadReport(2501, 500.1, 2.6, 12.0)
    percentiles = " 2 ms 50th, 5 ms 95th, 9 ms 99th, 12 ms 99.9th."
    assert report_in(REPORT.removesuffix(".") + "," + percentiles) is None
    assert report_in("Exception in thread main") is None
    assert report_in(REPORT.replace("2501", "9" * 50)) is None


def test_it_ends_with_the_run(tmp_path: Path) -> None:
    pid, ends = tmp_path / "pid", []
    script = SENDING.format(pid=pid)
    load, reports = started(script, 600, lambda *end: ends.append(end), tmp_path)
    assert load.has_reported.wait(PATIENCE)
    assert not load.is_over.is_set()
    load.end()
    assert load.is_over.is_set()
    assert reports[0] == LoadReport(2501, 500.1, 2.6, 12.0)
    wait_until(lambda: not is_there(pid), "it is gone: the kernel takes its time for a killed one")
    assert len(ends) == 1


def test_it_ends_though_the_run_was_killed(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = bounded(["sh", "-c", SENDING.format(pid=pid)], 600)
    reading, writing = os.pipe()
    with subprocess.Popen(["sh", "-c", script], stdin=reading, stdout=subprocess.DEVNULL) as load:
        os.close(reading)
        wait_until(lambda: pid.exists() and bool(pid.read_text()), "it runs")
        os.close(writing)  # as the kernel does for a process that dies
        load.wait(PATIENCE)
    wait_until(lambda: not is_there(pid), "nothing of it is left")


def test_it_ends_after_its_time_though_nobody_ends_it(tmp_path: Path) -> None:
    pid, ends = tmp_path / "pid", []
    load, _ = started(SENDING.format(pid=pid), 1, lambda *end: ends.append(end), tmp_path)
    wait_until(load.is_over.is_set, "its time is over")
    load.end()
    assert not is_there(pid)
    assert ends == [(124, "")]  # what `timeout` says of it


def test_what_it_complains_of_is_kept(tmp_path: Path) -> None:
    ends: list[tuple[int, str]] = []
    script = "echo 'Exception: no such topic'; echo '  at org.apache.kafka'; exit 3"
    load, reports = started(script, 600, lambda *end: ends.append(end), tmp_path)
    wait_until(load.is_over.is_set, "it has failed")
    load.end()
    assert ends == [(3, "Exception: no such topic")]
    assert reports == []
