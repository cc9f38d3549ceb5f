"""A host cut off from everything still lets its controller in, though nobody knows its address.

CHAOS_CUT_SECONDS sets how long the cut is held; ten minutes are worth it now and then.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_runner.lab.record import LabRecord, read_lab
from tests.integration.conftest import LAB_NAME
from tests.integration.lab.run.test_interrupted_runs import running
from tests.integration.lab.run.test_three_faults import experiment_file
from tests.waiting import PATIENCE

SECONDS = int(os.environ.get("CHAOS_CUT_SECONDS", "20"))
HOST = "kafka-2"


def in_lab(*command: str) -> int:
    done = subprocess.run(
        ["ip", "netns", "exec", LAB_NAME, *command], capture_output=True, check=False
    )
    return done.returncode


def greets(address: str, port: int) -> bool:
    """Tell whether a new connection to the port is accepted."""
    return in_lab("timeout", "3", "bash", "-c", f": >/dev/tcp/{address}/{port}") == 0


def forget_neighbours(on_host: Callable[..., str]) -> None:
    assert in_lab("ip", "neigh", "flush", "all") == 0
    on_host(HOST, "sudo ip neigh flush all")


# The same through a jump host: test_ways_in.py.
@pytest.mark.whole
def test_the_controller_gets_in_while_everything_is_cut(
    tmp_path: Path, clean_hosts: Path, on_host: Callable[..., str]
) -> None:
    record = read_lab(LAB_NAME)
    assert isinstance(record, LabRecord)
    place = record.place_of(HOST)
    assert greets(place.ipv4, 9092)
    file = experiment_file(tmp_path, "network_partition: {}", duration=f"{SECONDS + 60}s")
    with running(file, clean_hosts, tmp_path) as process:
        end = time.monotonic() + SECONDS
        rounds = 0
        while time.monotonic() < end or rounds < 3:
            forget_neighbours(on_host)
            assert greets(place.ipv4, 22)
            assert greets(place.ipv6, 22)
            assert not greets(place.ipv4, 9092)
            assert not greets(place.ipv6, 9092)
            rounds += 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
    assert greets(place.ipv4, 9092)
