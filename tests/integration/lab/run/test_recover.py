"""`recover` needs nothing but an inventory, and never calls a silent host clean."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import COMMAND, chaos_runner, set_link
from tests.waiting import PATIENCE

HOST = "kafka-3"


@pytest.fixture
def cut_off(clean_hosts: Path) -> Iterator[Path]:
    """Return the inventory while one host's cable is pulled."""
    set_link(HOST, "down")
    yield clean_hosts
    set_link(HOST, "up")


# The same against a sandbox: tests/integration/sandbox/commands/test_putting_back.py.
@pytest.mark.whole
def test_a_host_that_is_silent_is_unknown(cut_off: Path) -> None:
    done = chaos_runner("recover", "--all", "--patience", "1", "-i", cut_off, "-o", "json")
    assert done.code == 10, done.stdout + done.stderr
    states = {host["name"]: host["state"] for host in done.json["hosts"]}  # type: ignore[attr-defined]
    assert states.pop(HOST) == "unknown"
    assert set(states.values()) == {"clean"}


# The same against a sandbox: tests/integration/sandbox/commands/test_putting_back.py.
@pytest.mark.whole
def test_until_clean_goes_on_until_the_host_is_back(cut_off: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "recover", "--all", "--until-clean", "--patience", "1", "-i", str(cut_off)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert any("asked again" in line for line in process.stderr), "it ended by itself"
        set_link(HOST, "up")
        printed, _ = process.communicate(timeout=PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode == 0
    assert f"{HOST}: clean" in printed
