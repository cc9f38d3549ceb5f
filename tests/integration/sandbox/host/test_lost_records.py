"""A host that lost its records of a fault, in memory and on disk, is never called clean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chaos_runner.hosts.guard import GUARD_PATH
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.service.answers import only_fault
from tests.waiting import wait_until

DATA = "/var/lib/data"


def with_app(host: FaultyHost) -> None:
    host.app("app.service", command="/bin/sh -c 'while :; do sleep 0.05; done'")
    host.start("app.service")


def with_program(host: FaultyHost) -> None:
    host.shell("cp /bin/sleep /usr/local/sbin/napper")
    host.app("app.service", command="/usr/local/sbin/napper 1000")
    host.start("app.service")


def with_disk(host: FaultyHost) -> None:
    host.shell(
        f"mkdir {DATA}; truncate -s 64M {host.path}/disk; mkfs.ext4 -q {host.path}/disk; "
        f"mount -o loop {host.path}/disk {DATA}"
    )


def with_app_and_disk(host: FaultyHost) -> None:
    with_app(host)
    with_disk(host)


def lose_records(host: FaultyHost) -> None:
    host.shell("rm -rf /run/chaos-runner/* /var/lib/chaos-runner/*")


def is_open(host: FaultyHost) -> bool:
    told = str(asked(host.guard("audit"))["residue"])
    # The watchdog knows the run, but for a record that it lost while it was at it.
    return any(f"fault {FAULT} of run {run} is DIRTY" in told for run in (RUN, "unknown"))


Kind = tuple[Callable[[FaultyHost], None], dict[str, object]]
KINDS: dict[str, Kind] = {
    "service_stop": (with_app, {"service": "app"}),
    "service_pause": (with_app, {"service": "app"}),
    "file_descriptors": (with_app, {"service": "app", "left": 2}),
    "disk_fill": (with_disk, {"path": DATA, "level": "90%"}),
    "network_partition": (lambda _: None, {"peers": ["198.18.200.9"]}),
}

LIKE_THESE: dict[str, Kind] = {
    "cpu_stress": (lambda _: None, {"workers": 1, "load": "10%"}),
    "memory_stress": (lambda _: None, {"size": 16 * 1024**2}),
    "io_stress": (with_disk, {"path": DATA, "workers": 1, "size": 1024**2, "block": 65536}),
    "log_flood": (with_disk, {"path": f"{DATA}/log", "lines": 20, "length": 100, "most": 10**6}),
    "process_pause": (with_program, {"executable": "/usr/local/sbin/napper"}),
    "service_kill": (with_app, {"service": "app"}),
    "service_throttle": (with_app, {"service": "app", "cpu": "10%"}),
    "disk_slow": (with_app_and_disk, {"service": "app", "path": DATA, "write": 256 * 1024}),
    "inode_fill": (with_disk, {"path": DATA, "left": 10}),
}
"""Those above show each way in which one is taken back."""


EACH_KIND = pytest.mark.parametrize(
    "kind", [*KINDS, *(pytest.param(each, marks=pytest.mark.whole) for each in LIKE_THESE)]
)


def put_on(host: FaultyHost, kind: str) -> None:
    prepare, options = (KINDS | LIKE_THESE)[kind]
    prepare(host)
    answer = asked(host.put(kind, options))
    assert answer["ok"] is True, answer


@EACH_KIND
def test_the_watchdog_has_a_copy_and_takes_the_fault_back(host: FaultyHost, kind: str) -> None:
    host.stub("tar", '/bin/tar "$@" && true >/run/copied')
    put_on(host, kind)
    wait_until(lambda: "copied" in host.shell("ls /run"), "the watchdog to look")
    lose_records(host)
    assert not host.is_clean()
    answer = asked(host.guard("revert", "--all"))
    if answer.get("state") != "clean":  # the watchdog was at it
        wait_until(host.is_over, "the watchdog to take it back")
        answer = asked(host.guard("revert", "--all"))
    assert answer["state"] == "clean", answer
    fault = only_fault(answer)
    assert (fault["by"], fault["healed"]) == ("others", True), answer
    wait_until(host.is_clean, "its units have ended")


def test_the_timer_at_the_cap_leaves_the_watchdog_and_its_copy(host: FaultyHost) -> None:
    host.stub("tar", '/bin/tar "$@" && true >/run/copied')
    put_on(host, "service_stop")
    wait_until(lambda: "copied" in host.shell("ls /run"), "the watchdog to look")
    host.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")
    lose_records(host)
    host.shell(f"{GUARD_PATH} cap {FAULT}")
    assert "is DIRTY" in str(asked(host.guard("audit"))["residue"])
    host.systemctl("kill", "-s", "CONT", f"chaos-{FAULT}-watch.service")
    wait_until(host.is_over, "the watchdog to take it back")
    assert asked(host.guard("revert", "--all"))["state"] == "clean"


@EACH_KIND
def test_the_watchdog_keeps_what_it_waits_for_open(host: FaultyHost, kind: str) -> None:
    host.stub("tar", "exit 1")  # then it has no copy
    put_on(host, kind)
    lose_records(host)
    assert not host.is_clean()
    wait_until(lambda: is_open(host), "the watchdog to notice")
    left = asked(host.guard("revert", "--all"))
    assert left["state"] in ("dirty", "pending"), left
    assert "chaos_" not in host.shell("nft list tables"), "what has our names is taken away"
    if kind in ("service_pause", "process_pause"):
        assert "? now stopped process" in str(left), "what may be left is named"
    # It is busy while the watchdog is at it.
    wait_until(
        lambda: asked(host.guard("accept", "--all")).get("state") == "clean", "an acceptance"
    )
    wait_until(host.is_clean, "what is accepted is over")


def test_what_is_asked_before_the_watchdog_notices_is_not_clean_either(host: FaultyHost) -> None:
    with_app(host)
    host.put_on("service_stop", {"service": "app"})
    host.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")
    lose_records(host)
    left = asked(host.guard("revert", "--all"))
    assert left["state"] == "dirty", left
    assert "its script is lost" in str(left["faults"])
    assert not host.is_clean()


def test_a_record_that_was_dropped_after_its_end_is_not_missed(host: FaultyHost) -> None:
    with_app(host)
    host.put_on("service_stop", {"service": "app"})
    assert asked(host.guard("revert", "--run", RUN))["state"] == "clean"
    host.systemctl("kill", "-s", "CONT", f"chaos-{FAULT}-watch.service")
    assert asked(host.guard("forget", "--run", RUN))["ok"] is True
    wait_until(
        lambda: not host.systemctl("list-units", "--all", "--plain", "chaos-*", "--no-legend")
    )
    assert host.is_clean()


def test_a_register_alone_is_a_record(host: FaultyHost) -> None:
    with_program(host)
    host.put_on("process_pause", {"executable": "/usr/local/sbin/napper"})
    host.systemctl("stop", f"chaos-{FAULT}-watch.service", f"chaos-{FAULT}-cap.timer")
    for each in ("journal", "fault.sh"):
        host.shell(f"rm /run/chaos-runner/{FAULT}/{each} /var/lib/chaos-runner/{FAULT}/{each}")
    assert not host.is_clean()
    answer = asked(host.guard("revert", "--all"))
    assert answer["state"] == "dirty", answer
    assert "+ paused" not in str(answer), "what it names is taken back"
    assert "stopped process" not in str(answer)
    assert not host.is_clean()


@pytest.mark.parametrize("lost", ["limits", "host", "limits journal", "journal sums"])
def test_what_a_fault_has_kept_and_lost_is_missed(host: FaultyHost, lost: str) -> None:
    with_app(host)
    host.put_on("file_descriptors", {"service": "app", "left": 2})
    for each in lost.split():
        host.shell(f"for at in run var/lib; do true >/$at/chaos-runner/{FAULT}/{each}; done")
    answer = asked(host.guard("revert", "--all"))
    assert answer["state"] == "dirty", answer
    assert "its record is not whole" in str(answer["faults"])


def test_what_is_torn_in_memory_is_taken_from_the_disk(host: FaultyHost) -> None:
    with_app(host)
    host.put_on("file_descriptors", {"service": "app", "left": 2})
    host.shell(f"for each in /run/chaos-runner/{FAULT}/*; do true >$each; done")
    answer = asked(host.guard("revert", "--all"))
    assert answer["state"] == "clean", answer
    assert host.is_clean()
