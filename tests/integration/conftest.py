"""What integration tests use: the lab that `scripts/test` has brought up, and the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos_runner.lab import DEFAULT_NAME
from chaos_runner.lab.record import read_lab
from tests.waiting import PATIENCE

REPOSITORY = Path(__file__).resolve().parents[2]
LAB_NAME = os.environ.get("CHAOS_LAB", DEFAULT_NAME)
LAB_INVENTORY = REPOSITORY / "inventories" / "lab"
COMMAND = (sys.executable, "-m", "chaos_runner")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, so that `-m 'not integration'` leaves it out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.integration)


@dataclass(frozen=True)
class Finished:
    """How one call of the command line ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> dict[str, object]:
        document = json.loads(self.stdout)
        assert isinstance(document, dict)
        return document


def chaos_runner(*arguments: str | Path, timeout: float = 300, **environment: str) -> Finished:
    """Call the command line in a process of its own."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def set_link(host: str, state: str) -> None:
    """Pull a lab host's cable (`down`) or plug it in again (`up`)."""
    record = read_lab(LAB_NAME)
    assert record is not None
    port = record.place_of(host).interface
    subprocess.run(["ip", "-n", LAB_NAME, "link", "set", port, state], check=True)


READY_LIMIT = PATIENCE
"""Seconds for every host of the lab to answer: on a busy machine a login may take long."""


@pytest.fixture(scope="session")
def lab() -> Path:
    """Return the inventory of the running lab; fail loudly where there is none."""
    if os.geteuid() != 0:
        pytest.fail("tests on the lab need root; `scripts/test unit golden` runs the others")
    deadline = time.monotonic() + READY_LIMIT
    while (status := chaos_runner("lab", "status")).code != 0 and time.monotonic() < deadline:
        if not status.stdout:
            break  # there is none
    if status.code != 0:
        pytest.fail(f"no lab is up; run `chaos-runner lab up` first:\n{status.stderr}")
    return LAB_INVENTORY


@pytest.fixture(scope="session")
def on_host(lab: Path) -> Callable[..., str]:
    """Return a function that runs a command line on a lab host and returns its stdout."""

    def run(host: str, command: str) -> str:
        done = chaos_runner("lab", "ssh", host, "--", command)
        assert done.code == 0, f"{host}: {command}: {done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def clean_hosts(lab: Path) -> Iterator[Path]:
    """Return the lab's inventory, and after the test take back whatever it left on hosts."""
    yield lab
    # To look takes a fifth of the work of a recovery, and hardly ever is anything left.
    if chaos_runner("audit", "-i", lab).code != 0:
        recovered = chaos_runner("recover", "--all", "-i", lab)
        assert recovered.code == 0, recovered.stdout + recovered.stderr
