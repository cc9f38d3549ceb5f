"""Paused processes that are no service: exactly those of a program, and exactly those go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.service.answers import effect, is_in_place, only_fault, refusal
from tests.integration.sandbox.service.sandbox import SystemdHost
from tests.waiting import wait_until


def pause(host: SystemdHost, *options: str, lease: int = 300, **named: str) -> Answer:
    role = {f"process_pause_{name}": value for name, value in named.items()}
    return host.inject("process_pause", role, *options, lease=lease)


def state(host: SystemdHost, process: str) -> str:
    return host.shell(f"sed 's/.*) //' /proc/{process}/stat").split()[0]


@pytest.fixture
def program(host: SystemdHost) -> Iterator[str]:
    """Install a program of which two processes run, and a third with another name."""
    host.shell(f"cp /bin/sleep {host.path}/server && cp /bin/sleep {host.path}/server2")
    for name, number in (("server", 1), ("server", 2), ("server2", 3)):
        run = f"setsid {host.path}/{name} 1000 </dev/null >/dev/null 2>&1 & echo $!"
        host.shell(f"({run}) >{host.path}/{number}.pid")
    yield f"{host.path}/server"


def numbers(host: SystemdHost) -> list[str]:
    return host.shell(f"cat {host.path}/*.pid").split()


def test_every_process_of_the_program_and_no_other(host: SystemdHost, program: str) -> None:
    first, second, other = numbers(host)
    read = effect(pause(host, executable=program, lease=8))
    assert (read["processes_stopped"].value, read["worked_in_a_second"].value) == (2, 0)
    assert [state(host, each) for each in (first, second, other)] == ["T", "T", "S"]
    wait_until(lambda: state(host, first) == "S")
    answer = host.take_back()
    assert answer["state"] == "clean", answer
    assert (only_fault(answer)["by"], only_fault(answer)["healed"]) == ("lease", True)


def test_the_process_in_a_file(host: SystemdHost, program: str) -> None:
    first, second, _ = numbers(host)
    effect(pause(host, pid_file=f"{host.path}/1.pid"))
    assert [state(host, each) for each in (first, second)] == ["T", "S"]
    assert host.take_back()["state"] == "clean"
    assert state(host, first) == "S"


def test_somebody_starts_another_one(host: SystemdHost, program: str) -> None:
    effect(pause(host, executable=program))
    assert is_in_place(host)
    host.shell(f"setsid {program} 1000 </dev/null >/dev/null 2>&1 &")
    wait_until(lambda: not is_in_place(host))
    answer = host.take_back()
    assert (only_fault(answer)["by"], answer["state"]) == ("others", "clean")


def test_refused(host: SystemdHost, program: str) -> None:
    assert "no process is named" in refusal(pause(host))
    assert "no process of" in refusal(pause(host, executable="/opt/none"))
    assert "no process of" in refusal(pause(host, pid_file=f"{host.path}/none.pid"))
    shell = host.shell("readlink -f /bin/sh").strip()
    assert "would pause process" in refusal(pause(host, executable=shell))
    host.shell(f"echo 1 >{host.path}/init.pid")
    assert "would pause process 1" in refusal(pause(host, pid_file=f"{host.path}/init.pid"))
    host.app("sshd.service", command=f"{host.path}/server2 1001")
    host.start("sshd.service")
    assert "a process of sshd.service" in refusal(pause(host, executable=f"{program}2"))
    host.app("app.service", service="WatchdogSec=60", command=f"{program} 1002")
    host.start("app.service")
    assert "would kill app.service after 1min" in refusal(pause(host, executable=program))
