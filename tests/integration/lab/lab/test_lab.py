"""A small lab of two containers, beside whatever else runs on the machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from chaos_runner.errors import LabError
from chaos_runner.lab import processes
from chaos_runner.lab.layout import LabPlace
from chaos_runner.lab.lifecycle import lab
from chaos_runner.lab.lifecycle.status import host_states
from chaos_runner.lab.machines import cgroups, machines
from chaos_runner.lab.record import LabRecord
from chaos_runner.lab.spec import LabSpec, load_spec
from tests.integration.lab.lab.conftest import NAME, ignore
from tests.integration.lab.lab.leftovers import leftovers, network_namespaces
from tests.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.integration

ORDERLY_STOP = 90.0
"""Seconds that systemd gives each service to stop; a lab is removed without waiting for any."""
CLI = [sys.executable, "-m", "chaos_runner", "lab"]


def on(host: str, command: str) -> subprocess.CompletedProcess[str]:
    arguments = [*CLI, "ssh", "--name", NAME, host, "--", command]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=PATIENCE)


def pids(record: LabRecord) -> list[int | None]:
    found = [processes.read_record(place.process) for _, place in record.hosts]
    return [each.pid if each else None for each in found]


def wait_for(what: str) -> None:
    wait_until(lambda: on("one", what).returncode == 0, f"`{what}` succeeds")


def test_hosts_are_booted_and_reach_each_other_by_name(spec: LabSpec) -> None:
    lab.up(spec, ignore)
    done = on("one", "hostname && systemctl is-system-running && getent ahosts two")
    assert done.stdout.startswith("one\nrunning\n"), done
    assert {"198.18.0.12", "2001:2::12"} <= set(done.stdout.split())
    for family in ("-4", "-6"):
        assert on("one", f"ping {family} -c 1 -W 2 two").returncode == 0
    assert on("one", "sudo nft add table inet mine && sudo nft list tables").stdout.strip()


def test_up_again_changes_nothing(spec: LabSpec) -> None:
    before = pids(lab.up(spec, ignore))
    assert pids(lab.up(spec, ignore)) == before


def test_another_spec_of_the_same_name_is_refused(spec: LabSpec) -> None:
    lab.up(spec, ignore)
    with pytest.raises(LabError, match="another spec"):
        lab.up(spec.model_copy(update={"hosts": spec.hosts[:1]}), ignore)


def test_a_killed_container_is_started_again_and_the_others_are_left_alone(spec: LabSpec) -> None:
    record = lab.up(spec, ignore)
    before = pids(record)
    assert on("one", "sudo touch /root/kept && sync").returncode == 0
    place = record.place_of("one")
    supervisor = processes.read_record(place.process)
    assert supervisor is not None
    children = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    wait_until(lambda: not machines.alive(place), "the container has ended")
    assert cgroups.members(cgroups.groups_of(NAME, "one")) == []

    after = pids(lab.up(spec, ignore))
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert on("one", "sudo test -e /root/kept").returncode == 0


def test_a_reboot_gives_a_fresh_network_and_keeps_the_files(spec: LabSpec) -> None:
    record = lab.up(spec, ignore)
    before = pids(record)
    boot = "systemctl show --value --property=UserspaceTimestampMonotonic"
    first = on("one", boot).stdout
    on("one", "sudo nft add table inet chaos_left; sudo touch /root/kept; sudo systemctl reboot")
    wait_for(f'test "$({boot})" != "{first.strip()}" && sudo test -e /root/kept')
    assert on("one", "sudo nft list tables").stdout == ""
    assert pids(record) == before


def test_a_host_that_was_switched_off_stays_off_until_the_next_up(spec: LabSpec) -> None:
    record = lab.up(spec, ignore)
    on("two", "sudo systemctl poweroff")
    wait_until(lambda: not machines.alive(record.place_of("two")), "it is off")
    assert [state.ready for state in host_states(record)] == [True, False]
    assert all(state.ready for state in host_states(lab.up(spec, ignore)))


def test_down_leaves_nothing(spec: LabSpec) -> None:
    namespaces = network_namespaces()
    lab.up(spec, ignore)
    assert leftovers(NAME)
    started = time.monotonic()
    assert lab.down(NAME, ignore)
    assert time.monotonic() - started < ORDERLY_STOP, "it waited for the hosts to shut down"
    assert leftovers(NAME) == []
    assert network_namespaces() <= namespaces
    assert not lab.down(NAME, ignore)


@pytest.mark.parametrize(
    "seconds",
    [*(pytest.param(more, marks=pytest.mark.whole) for more in (0.3, 0.45, 0.6, 1.2)), 0.8],
)
def test_a_killed_up_leaves_what_down_can_remove(
    spec: LabSpec, tmp_path: Path, seconds: float
) -> None:
    file = tmp_path / "lab.yml"
    file.write_text(yaml.safe_dump(spec.model_dump(mode="json")))
    with subprocess.Popen([*CLI, "up", "--spec", str(file)], stderr=subprocess.DEVNULL) as half:
        time.sleep(seconds)
        half.kill()
    lab.down(NAME, ignore)
    assert leftovers(NAME) == []


def test_a_half_made_lab_is_completed_by_the_next_up(spec: LabSpec, tmp_path: Path) -> None:
    file = tmp_path / "lab.yml"
    file.write_text(yaml.safe_dump(spec.model_dump(mode="json")))
    with subprocess.Popen([*CLI, "up", "--spec", str(file)], stderr=subprocess.DEVNULL) as half:
        wait_until(LabPlace(NAME).host("one", 1).directory.exists, "it is begun", pause=0.01)
        half.kill()
    assert all(state.ready for state in host_states(lab.up(spec, ignore)))


def test_a_lab_with_a_damaged_record_is_refused_by_up_and_removed_by_down(spec: LabSpec) -> None:
    lab.up(spec, ignore)
    LabPlace(NAME).record.write_text("{")
    with pytest.raises(LabError, match="cannot be read"):
        lab.up(spec, ignore)
    assert lab.down(NAME, ignore)
    assert leftovers(NAME) == []


def test_a_foreign_host_key_is_refused(spec: LabSpec) -> None:
    record = lab.up(spec, ignore)
    known = record.place.known_hosts
    lines = known.read_text().splitlines()
    one, two = (line.split(" ", 1) for line in lines)
    known.write_text(f"{one[0]} {two[1]}\n{two[0]} {one[1]}\n")
    done = on("one", "true")
    assert done.returncode == 255
    assert "verification failed" in done.stderr.lower()


@pytest.mark.whole  # the default lab has a machine that carries netem in test_three_faults.py
def test_a_vm_can_do_what_its_controllers_kernel_may_not(spec: LabSpec) -> None:
    machine = spec.hosts[0].model_copy(update={"backend": "vm", "memory": 512})
    lab.up(spec.model_copy(update={"hosts": (machine,)}), ignore)
    netem = "sudo tc qdisc add dev eth0 root netem delay 1ms && sudo tc qdisc del dev eth0 root"
    done = on("one", f"systemctl is-system-running && {netem} && ip -6 route show default")
    assert done.stdout.startswith("running\ndefault via 2001:2::1"), done
    assert lab.down(NAME, ignore)
    assert leftovers(NAME) == []


def test_every_broker_of_the_default_lab_is_registered() -> None:
    states = host_states(lab.up(load_spec(), ignore))
    assert [state.kafka for state in states] == [True] * 4
