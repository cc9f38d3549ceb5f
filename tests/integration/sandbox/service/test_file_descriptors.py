"""A service on a host with a real systemd that may open no more files, and then again."""

from __future__ import annotations

from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.service.answers import effect, is_in_place, only_fault, refusal
from tests.integration.sandbox.service.sandbox import SystemdHost
from tests.waiting import wait_until

OPENS = (
    "/bin/bash -c 'mkfifo /run/tick; exec 9<>/run/tick; while :; do read -t 0.2 -u 9; "
    "if true 8</dev/null; then echo yes; else echo no; fi; done >/run/opened 2>&1 & wait'"
)
"""A process that waits, and one that opens a file again and again, without starting a program."""


class HostWithoutTheRight(SystemdHost):
    """A host whose root has no CAP_SYS_RESOURCE, as in a container."""

    def _into_host(self) -> list[str]:
        return [*super()._into_host(), "setpriv", "--bounding-set", "-sys_resource", "--"]


def use_up(host: SystemdHost, left: int = 0, lease: int = 300, *options: str) -> Answer:
    variables = {"file_descriptors_service": "app", "file_descriptors_left": left}
    return host.inject("file_descriptors", variables, *options, lease=lease)


def main_process(host: SystemdHost) -> str:
    return host.systemctl("show", "--value", "-p", "MainPID", "app.service")


def limit(host: SystemdHost, process: str) -> str:
    return host.shell(f"prlimit --pid {process} --nofile --output=SOFT,HARD --noheadings").strip()


def can_open(host: SystemdHost) -> bool:
    return host.shell("tail -n 1 /run/opened || :").strip() == "yes"


def test_no_process_opens_a_file_until_the_lease_is_over(host: SystemdHost) -> None:
    host.app("app.service", command=OPENS)
    host.start("app.service")
    wait_until(lambda: can_open(host))
    main = main_process(host)
    processes = [main, *host.shell(f"cat /proc/{main}/task/{main}/children").split()]
    assert len(processes) == 2
    before = [limit(host, process) for process in processes]
    assert effect(use_up(host, lease=10))["files_left"].value == 0
    wait_until(lambda: not can_open(host), "an open fails")
    assert "Too many open files" in host.shell("cat /run/opened")
    wait_until(lambda: can_open(host), "the lease ends it")
    fault = only_fault(host.take_back())
    assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "lease", True), fault
    assert [limit(host, process) for process in processes] == before


def test_a_service_of_another_user_is_refused_where_root_lacks_the_right() -> None:
    host = HostWithoutTheRight()
    try:
        host.app("app.service", command="/usr/bin/setpriv --reuid 65534 --clear-groups sleep 1000")
        host.start("app.service")
        main = main_process(host)
        uid = f"stat -c %u /proc/{main}"
        wait_until(lambda: host.shell(uid).strip() == "65534", "the service is another user's")
        assert "root may not set the limits" in refusal(use_up(host))
    finally:
        host.close()


def test_some_are_left(host: SystemdHost) -> None:
    host.app("app.service", command="/bin/bash -c 'exec 7</dev/null; sleep 1000 & wait'")
    host.start("app.service")
    assert effect(use_up(host, 2))["files_left"].value == 4, "two each"
    # 0 to 2 and 7 are open: two below five are free.
    assert limit(host, main_process(host)).split()[0] == "5"
    assert only_fault(host.take_back())["healed"] is True


def test_what_somebody_else_set_stays_and_is_told(host: SystemdHost) -> None:
    host.app("app.service")
    host.start("app.service")
    effect(use_up(host))
    main = main_process(host)
    host.shell(f"prlimit --pid {main} --nofile=77:")
    assert not is_in_place(host)
    fault = only_fault(host.take_back())
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")
    assert limit(host, main).split()[0] == "77"


def test_a_process_that_was_forked_meanwhile_has_its_parents_limit_again(host: SystemdHost) -> None:
    fork = "/bin/sh -c 'while [ ! -e /run/fork ]; do sleep 0.1; done; sleep 1000'"
    host.app("app.service", command=fork)
    host.start("app.service")
    before = limit(host, main_process(host))
    effect(use_up(host, 20))
    host.shell("touch /run/fork")
    find = "grep -lz '^1000$' /proc/[0-9]*/cmdline | cut -d / -f 3 || :"
    wait_until(lambda: bool(host.shell(find).split()))
    (child,) = host.shell(find).split()
    assert limit(host, child) != before
    assert only_fault(host.take_back())["phase"] == "CLEAN"
    assert limit(host, child) == before


def test_a_service_that_fails_over_it_is_started_again(host: SystemdHost) -> None:
    dies = "/bin/sh -c 'while sleep 0.2; do (exec 8</dev/null) 2>/dev/null || exit 3; done'"
    host.app("app.service", command=dies)
    host.start("app.service")
    use_up(host)
    wait_until(lambda: host.states("app.service") == ["failed"], "it ends")
    fault = only_fault(host.take_back())
    assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "others", True), fault
    assert host.states("app.service") == ["active"]


def test_what_is_refused(host: SystemdHost) -> None:
    assert "no unit app.service" in refusal(use_up(host))
    host.app("app.service", service="LimitNOFILE=20")
    host.start("app.service")
    assert "may open more than 30 files anyway" in refusal(use_up(host, 30))
