"""Hosts whose tools are others, or are missing, and sessions with limits of their own."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.guard.sandbox import Sandbox
from tests.integration.sandbox.guard.test_host_in_trouble import (
    FAILING,
    asked,
    cut_off,
    ends_clean,
    is_cut,
)
from tests.integration.sandbox.guard.test_verbs import KEEP, change, setting
from tests.waiting import wait_until

FLOCK_OF_BUSYBOX = """#!/bin/sh
case $1 in -w*) echo "flock: invalid option -- 'w'" >&2; exit 1 ;; esac
exec /usr/bin/flock "$@"
"""
WORKS_NO_MORE = "#!/bin/sh\nexit 127\n"


def program(sandbox: Sandbox, name: str, text: str) -> None:
    file = f"/usr/local/sbin/{name}"
    sandbox.run(["sh", "-c", f"cat >{file} && chmod 755 {file}"], text.encode())


@pytest.mark.parametrize("tool", ["diff", "sed"])
def test_a_difference_that_cannot_be_shown_is_one(sandbox: Sandbox, tool: str) -> None:
    sandbox.run(["touch", KEEP])
    assert asked(change(sandbox))["ok"] is True
    sandbox.run(["sh", "-c", FAILING.format(tool)])
    answer = asked(sandbox.guard("revert", "--run", "run-a"))
    assert answer["state"] == "dirty", answer
    assert "? own is not as before" in str(answer["faults"])
    sandbox.run(["rm", f"/usr/local/sbin/{tool}", KEEP])
    assert asked(sandbox.guard("revert", "--run", "run-a"))["state"] == "clean"


def test_a_lock_is_taken_with_the_flock_of_busybox(sandbox: Sandbox) -> None:
    program(sandbox, "flock", FLOCK_OF_BUSYBOX)
    first = sandbox.fingerprint()
    cut_off(sandbox, lease=300)
    place = "/run/chaos-runner/lock"
    sandbox.run(["sh", "-c", f"/usr/bin/flock {place} sleep 5 >/dev/null 2>&1 &"])
    ends_clean(sandbox, first)
    assert not is_cut(sandbox)


def test_a_host_without_locks_takes_no_fault_and_keeps_none(sandbox: Sandbox) -> None:
    first = sandbox.fingerprint()
    cut_off(sandbox, lease=8)
    program(sandbox, "flock", WORKS_NO_MORE)
    wait_until(lambda: not is_cut(sandbox), "the watchdog, which waits for no lock")
    ends_clean(sandbox, first)
    for place in ("/usr/bin/flock", "/bin/flock"):
        sandbox.run(["sh", "-c", f"[ ! -e {place} ] || mount --bind /dev/null {place}"])
    sandbox.run(["rm", "/usr/local/sbin/flock"])
    answer = asked(change(sandbox))
    assert (answer.get("refused"), answer["error"]) == (True, "flock is missing on this host")
    assert "flock is missing" in str(asked(sandbox.guard("preflight"))["problems"])


def test_a_limit_on_the_size_of_files_ends_no_roll_back(sandbox: Sandbox) -> None:
    first = sandbox.fingerprint()
    cut_off(sandbox, lease=300)
    no_files = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
    answer = asked(sandbox.guard("revert", "--all", through=no_files))
    assert not is_cut(sandbox), answer
    assert answer["state"] != "clean", "its end could not be written"
    ends_clean(sandbox, first)


def test_a_clock_that_cannot_be_read_any_more_keeps_no_fault_on(sandbox: Sandbox) -> None:
    assert asked(change(sandbox, lease=8))["ok"] is True
    sandbox.run(["mount", "--bind", "/dev/null", "/proc/uptime"])  # as of a dead lxcfs
    wait_until(lambda: setting(sandbox) == "right", "its lease to end it", seconds=60)
    wait_until(lambda: asked(sandbox.guard("revert", "--all")).get("state") == "clean", "the end")
