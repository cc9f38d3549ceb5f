"""What the host guard offers fault scripts on a host with systemd: units, drop-ins, processes."""

from __future__ import annotations

import re

import pytest

from chaos_runner.content import content_directory
from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.readings import readings_of
from tests.integration.sandbox.service.sandbox import FAULT, RUN, SystemdHost
from tests.waiting import wait_until

UNIT, DROP_IN = (
    f"chaos-{FAULT}-load.service",
    f"/run/systemd/system/app.service.d/90-chaos-{FAULT}.conf",
)
LOAD_AND_OVERRIDE = """
validate() {
  refuse_unless_active app.service "loading it"
  refuse_control_path "loading would slow" app.service
}
apply() {
  start_unit load -p CPUWeight=10 -- sh -c 'while :; do sleep 1; done' || return
  drop_in app.service <<CONF
[Service]
Restart=no
CONF
}
in_place() { unit_is_active "chaos-$fault-load.service"; }
effect() { echo "restart $(systemctl show --value -p Restart -- app.service)" && in_place; }
"""


def inject(host: SystemdHost, script: str, lease: int = 300) -> Answer:
    words = ("inject", FAULT, "--run", RUN, "--kind", "made_up", "--lease", str(lease))
    return host.guard(*words, "--cap", "600", stdin=script.encode())


def data(answer: Answer) -> dict[str, object]:
    assert answer.data is not None
    return answer.data


def restarts(host: SystemdHost) -> str:
    return host.systemctl("show", "--value", "-p", "Restart", "app.service")


@pytest.fixture
def app(host: SystemdHost) -> SystemdHost:
    host.app("app.service", service="Restart=always")
    host.start("app.service")
    return host


def test_a_unit_and_a_drop_in_are_held_and_taken_away(app: SystemdHost) -> None:
    answer = data(inject(app, LOAD_AND_OVERRIDE))
    assert (answer["ok"], answer["effect"]) == (True, True), answer
    assert readings_of(answer)["restart"].state == "no"
    assert app.systemctl("show", "--value", "-p", "RuntimeMaxUSec", UNIT) not in ("", "infinity")
    residue = str(data(app.guard("audit"))["residue"])
    assert f"unit {UNIT}" in residue
    assert f"drop-in {DROP_IN}" in residue
    assert data(app.guard("revert", "--all"))["state"] == "clean"
    assert restarts(app) == "always"
    assert app.states(UNIT, "app.service") == ["inactive", "active"]
    assert "app.service.d" not in app.shell("ls /run/systemd/system")
    words = ("list-units", "--all", "--full", "--plain", "--no-legend", "chaos*")
    wait_until(lambda: not app.systemctl(*words))
    assert app.shell("find /sys/fs/cgroup -name 'chaos*'") == ""


def test_the_lease_ends_a_unit_and_a_drop_in(app: SystemdHost) -> None:
    assert data(inject(app, LOAD_AND_OVERRIDE, lease=4))["ok"] is True
    wait_until(lambda: "CLEAN" in str(data(app.guard("status"))["faults"]))
    assert restarts(app) == "always"
    assert app.states(UNIT) == ["inactive"]


def test_a_unit_and_a_drop_in_without_a_record_are_taken_away(app: SystemdHost) -> None:
    assert data(inject(app, LOAD_AND_OVERRIDE))["ok"] is True
    app.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")  # it has a copy
    app.shell("rm -rf /run/chaos-runner/* /var/lib/chaos-runner/*")
    answer = data(app.guard("revert", "--all"))
    assert answer["state"] == "dirty", "how it was before is not on record"
    assert answer["residue"] == [], answer
    assert restarts(app) == "always"
    assert app.states(UNIT) == ["inactive"]


def test_what_carries_the_session_is_refused(app: SystemdHost) -> None:
    app.app("sshd.service")
    app.start("sshd.service")
    answer = data(inject(app, LOAD_AND_OVERRIDE.replace("app.service", "sshd.service")))
    assert answer["refused"] is True
    assert answer["error"] == "loading would slow sshd.service"


def test_the_example_of_the_readme_pauses_a_service(app: SystemdHost) -> None:
    readme = content_directory("roles") / "host_guard" / "README.md"
    blocks = re.findall(r"^```sh\n(.*?)^```$", readme.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (example,) = [block for block in blocks if "pause_processes" in block]
    script = example.replace("kafka.service", "app.service")
    answer = data(inject(app, script))
    assert (answer["ok"], answer["effect"]) == (True, True), answer
    assert readings_of(answer)["processes_stopped"].value == 1
    process = app.systemctl("show", "--value", "-p", "MainPID", "app.service")
    assert app.shell(f"cat /proc/{process}/stat").split()[2] == "T"
    assert data(app.guard("revert", "--all"))["state"] == "clean"
    assert app.shell(f"cat /proc/{process}/stat").split()[2] == "S"


def test_a_unit_that_somebody_installed_is_not_ours_by_its_name(app: SystemdHost) -> None:
    monkey = "chaos-runner-monkey.service"
    app.app(monkey)
    app.start(monkey)
    assert data(inject(app, LOAD_AND_OVERRIDE))["ok"] is True
    assert monkey not in str(data(app.guard("audit"))["residue"])
    assert data(app.guard("revert", "--all"))["state"] == "clean"
    assert app.states(monkey) == ["active"]
    assert data(app.guard("audit"))["residue"] == []
