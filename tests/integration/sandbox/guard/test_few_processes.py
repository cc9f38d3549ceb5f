"""Hosts on which no further process may be started, as where a limit of processes is reached."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.sandbox.guard.sandbox import Sandbox
from tests.integration.sandbox.guard.test_host_in_trouble import cut_off, ends_clean, is_cut

CGROUPS = Path("/sys/fs/cgroup")


class FewProcesses:
    """A control group that holds so many processes at most."""

    def __init__(self) -> None:
        above = CGROUPS / "pids"
        if not above.is_dir():  # one hierarchy for all controllers
            above = CGROUPS
            (above / "cgroup.subtree_control").write_text("+pids")
        self.place = above / f"chaos-test-{os.getpid()}"
        self.place.mkdir()

    def allow(self, processes: str) -> None:
        (self.place / "pids.max").write_text(processes)

    @property
    def entrance(self) -> tuple[str, ...]:
        """Return the words before a command that let it run in the group."""
        return ("sh", "-c", 'echo $$ >"$0"/cgroup.procs; exec "$@"', str(self.place))


@pytest.fixture
def few() -> Iterator[FewProcesses]:
    group = FewProcesses()
    yield group
    group.place.rmdir()


# Up to 11 processes a roll-back of this fault comes to some point of its work; 12 are enough.
@pytest.mark.parametrize("processes", [1, 4, 6, 7, 8, 10, 11, 12])
@pytest.mark.parametrize("records", ["there", "lost"])
def test_a_guard_that_can_start_no_more_calls_nothing_clean(
    few: FewProcesses, sandbox: Sandbox, records: str, processes: int
) -> None:
    first = sandbox.fingerprint()
    cut_off(sandbox, lease=300)
    if records == "lost":
        sandbox.run(["sh", "-c", "rm -rf /run/chaos-runner/* /var/lib/chaos-runner/*"])
    few.allow(str(processes))
    seen = sandbox.guard("audit", through=few.entrance).data or {}
    assert seen.get("clean") is not True
    state = (sandbox.guard("revert", "--all", through=few.entrance).data or {}).get("state")
    few.allow("max")
    assert state != "clean" or (not is_cut(sandbox) and sandbox.fingerprint() == first)
    ends_clean(sandbox, first)
