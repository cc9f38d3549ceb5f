"""A host that is restarted, and comes back with all that it ran.

The restart itself is a stand-in's: what asks for it finds a `systemctl`, or a file in place of the
kernel's, that keeps what was asked, and the sandbox then comes up again as after a power cut.
"""

from __future__ import annotations

import pytest

from chaos_runner.fleet.commands import render_fault_script
from chaos_runner.measurements.reading import Reading
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

UNIT = f"chaos-{FAULT}-restart.service"
ASKED = "/run/asked"
SYSTEMCTL = """
case "$*" in
  reboot) echo clean >/run/asked; exit ;;
  'is-enabled -q -- sshd.service') exec test ! -e /run/daemon-is-disabled ;;
esac
exec env XDG_RUNTIME_DIR=/run/user/0 /usr/bin/systemctl --user "$@"
"""
SYSRQ, PANIC = "/run/sysrq-trigger", "/run/panic"
"""Files that scripts get instead of the kernel's."""
DAEMON = "[Unit]\n[Service]\nExecStart=/bin/sleep 1000\n[Install]\nWantedBy=default.target\n"


@pytest.fixture
def machine(host: FaultyHost) -> FaultyHost:
    """Give the host an SSH daemon, and what writes down a restart instead of making one."""
    host.stub("systemctl", SYSTEMCTL)
    host.stub("systemd-detect-virt", "exit 1")  # the machine of the test may itself be a container
    host.shell(f"echo untouched >{SYSRQ}; echo 0 >{PANIC}")
    host.unit("sshd.service", DAEMON)
    host.systemctl("daemon-reload")
    host.unit("app.service", DAEMON)
    host.start("sshd.service", "app.service")
    return host


def put(machine: FaultyHost, kind: str, *words: str, how: str = "clean") -> dict[str, object]:
    script = render_fault_script(kind, {"host_reboot_how": how} if kind == "host_reboot" else {})
    script = script.replace("/proc/sysrq-trigger", SYSRQ).replace("/proc/sys/kernel/panic", PANIC)
    assert "/proc/sysrq" not in script
    limits = ("--run", RUN, "--kind", kind, "--lease", "300", "--cap", "600")
    return asked(machine.guard("inject", FAULT, *limits, *words, stdin=script.encode()))


def put_on(machine: FaultyHost, kind: str, how: str = "clean") -> dict[str, Reading]:
    answer = put(machine, kind, how=how)
    assert (answer["ok"], answer.get("effect")) == (True, True), str(answer)
    return readings_of(answer)


def refusal(machine: FaultyHost, kind: str, how: str = "clean") -> str:
    answer = put(machine, kind, "--check", how=how)
    assert answer.get("refused") is True, str(answer)
    return str(answer["error"])


def comes_back(machine: FaultyHost) -> None:
    """Come up again; app.service, which is not enabled, does not by itself."""
    machine.restart()
    wait_until(machine.is_over, "the boot unit sees the host back")
    assert machine.states("app.service") == ["active"], "it was started by hand before"
    fault = machine.roll_back()
    assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "boot", True), fault
    assert (fault["held"], fault["ended_ago"]) == (None, None), "no clock counts over a restart"
    read = readings_of(fault)
    assert read["since_restart"].unit == "s"
    services = read["services_active"]
    assert services.value == services.before != 0


def test_it_is_asked_to_restart_and_comes_back(machine: FaultyHost) -> None:
    assert put_on(machine, "host_reboot")["restart_within"].value == 5
    wait_until(lambda: machine.shell(f"cat {ASKED} || :") == "clean\n")
    assert machine.shell(f"cat {SYSRQ}") == "untouched\n"
    comes_back(machine)


def test_a_hard_restart_asks_nobody(machine: FaultyHost) -> None:
    put_on(machine, "host_reboot", "hard")
    wait_until(lambda: machine.shell(f"cat {SYSRQ}") == "b\n")
    machine.shell(f"[ ! -e {ASKED} ]")
    comes_back(machine)


def test_a_panic_restarts_by_itself(machine: FaultyHost) -> None:
    put_on(machine, "host_panic")
    assert machine.shell(f"cat {PANIC}") == "10\n"
    wait_until(lambda: machine.shell(f"cat {SYSRQ}") == "c\n")
    comes_back(machine)
    assert machine.shell(f"cat {PANIC}") == "0\n"


def test_a_roll_back_in_time_keeps_it_up(machine: FaultyHost) -> None:
    put_on(machine, "host_panic")
    machine.systemctl("kill", "-s", "STOP", UNIT)
    if machine.shell(f"cat {SYSRQ}") == "untouched\n":  # else this machine was slow
        fault = machine.roll_back()
        assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "revert", False), fault
        assert readings_of(fault)["restart"].state == "missing"
    assert machine.states(UNIT) == ["inactive"]
    assert machine.shell(f"cat {PANIC}") == "0\n"


def test_a_restart_that_does_not_come_is_told(machine: FaultyHost) -> None:
    put_on(machine, "host_reboot")
    wait_until(lambda: machine.shell(f"cat {ASKED} || :") == "clean\n")
    fault = machine.roll_back()
    assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "others", False), fault


def test_what_is_refused(machine: FaultyHost) -> None:
    machine.stub("systemd-detect-virt", "echo systemd-nspawn")
    assert put(machine, "host_reboot", "--check")["ok"] is True
    assert "restart its machine" in refusal(machine, "host_reboot", "hard")
    assert "crash its machine" in refusal(machine, "host_panic")
    machine.stub("systemd-detect-virt", "echo docker")
    assert "nobody might start this container" in refusal(machine, "host_reboot")
    machine.stub("systemd-detect-virt", "exit 1")
    machine.shell("systemd-run --quiet --unit=job sleep 1000")
    assert "job.service is a transient unit" in refusal(machine, "host_reboot")
    machine.systemctl("stop", "job.service")
    machine.shell("true >/run/daemon-is-disabled")
    assert "no SSH daemon" in refusal(machine, "host_reboot")
