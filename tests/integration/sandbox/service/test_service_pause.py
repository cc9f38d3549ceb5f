"""A paused service on a host with a real systemd: nothing of it runs, and exactly that goes on."""

from __future__ import annotations

from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.service.answers import effect, is_in_place, only_fault, refusal
from tests.integration.sandbox.service.sandbox import FAULT, SystemdHost
from tests.waiting import wait_until

FORKS = "/bin/sh -c 'while :; do sleep 0.1; done'"


def pause(host: SystemdHost, *options: str, lease: int = 300, within: str = "") -> Answer:
    variables = {"service_pause_service": "app"}
    return host.inject("service_pause", variables, *options, lease=lease, within=within)


def put_on(host: SystemdHost, lease: int = 300) -> None:
    assert effect(pause(host, lease=lease))["worked_in_a_second"].value == 0


def main_process(host: SystemdHost) -> str:
    return host.systemctl("show", "--value", "-p", "MainPID", "app.service")


def state(host: SystemdHost, process: str) -> str:
    return host.shell(f"sed 's/.*) //' /proc/{process}/stat").split()[0]


def test_all_its_processes_stop_and_go_on_when_the_lease_is_over(host: SystemdHost) -> None:
    host.app("app.service", command=FORKS)
    host.start("app.service")
    main = main_process(host)
    put_on(host, lease=8)
    assert state(host, main) == "T"
    assert host.states("app.service") == ["active"]
    # Nobody renews the lease; the host lets the service go on by itself.
    wait_until(lambda: state(host, main) != "T")
    answer = host.take_back()
    assert answer["state"] == "clean", answer
    assert only_fault(answer)["by"] == "lease"
    assert only_fault(answer)["healed"] is True, answer
    assert main_process(host) == main


def test_what_was_stopped_before_stays_stopped(host: SystemdHost) -> None:
    host.app("app.service", command="/bin/sh -c 'sleep 1000 & sleep 1001'")
    host.start("app.service")
    find = "grep -lz '^1000$' /proc/[0-9]*/cmdline | cut -d / -f 3"
    wait_until(lambda: bool(host.shell(f"{find} || :").split()))
    child = host.shell(find).strip()
    host.shell(f"kill -STOP {child}")
    put_on(host)
    answer = host.take_back()
    assert answer["state"] == "clean", answer
    assert state(host, child) == "T"
    assert state(host, main_process(host)) == "S"


def test_somebody_lets_it_go_on(host: SystemdHost) -> None:
    host.app("app.service")
    host.start("app.service")
    put_on(host)
    assert is_in_place(host)
    host.shell(f"kill -CONT {main_process(host)}")
    assert not is_in_place(host)
    answer = host.take_back()
    assert (only_fault(answer)["by"], answer["state"]) == ("others", "clean")


def test_a_service_restarted_meanwhile_is_left_alone(host: SystemdHost) -> None:
    host.app("app.service", service="KillMode=process", command="/bin/sh -c 'sleep 1000; :'")
    host.start("app.service")
    put_on(host)
    before = main_process(host)
    host.systemctl("restart", "app.service")
    main = main_process(host)
    assert main != before
    assert not is_in_place(host)
    # The administrator stops the new one; that is not what the fault has stopped.
    host.shell(f"kill -STOP {main}")
    host.take_back()
    assert state(host, main) == "T"


def test_a_service_that_ends_because_of_it_shows(host: SystemdHost) -> None:
    wait = "read now rest </proc/uptime; before=${now%%.*}; sleep 1; read now rest </proc/uptime"
    late = f"while {wait}; [ $((${{now%%.*}} - before)) -lt 4 ]; do :; done; exit 3"
    host.shell(f"printf '%s\\n' '{late}' >{host.path}/app")
    host.app("app.service", command=f"/bin/sh {host.path}/app")
    host.start("app.service")
    put_on(host, lease=10)
    wait_until(lambda: host.states("app.service") == ["failed"])
    answer = host.take_back()
    assert answer["state"] == "dirty", answer
    assert "+ app.service failed failed" in str(only_fault(answer)["differences"])


def test_refused_are_watchdogs_and_what_is_not_running(host: SystemdHost) -> None:
    assert "has no unit" in refusal(pause(host))
    host.app("app.service", service="Type=oneshot\nRemainAfterExit=yes", command="/bin/true")
    host.start("app.service")
    assert "no process that runs" in refusal(pause(host))
    host.app("app.service", service="WatchdogSec=60\nNotifyAccess=all")
    host.systemctl("daemon-reload")
    host.systemctl("restart", "app.service")
    assert "after 1min in which it does not answer" in refusal(pause(host))


def test_refused_is_what_carries_the_session(host: SystemdHost) -> None:
    host.app("app.service")
    host.start("app.service")
    assert "would pause app.service" in refusal(pause(host, within="app.service"))
    host.shell("ln -s app.service /etc/systemd/system/sshd.service")
    host.systemctl("daemon-reload")
    host.systemctl("restart", "app.service", "sshd.service")
    assert "sshd.service" in refusal(pause(host, "--check"))
    assert FAULT not in host.shell("ls /run/chaos-runner")
