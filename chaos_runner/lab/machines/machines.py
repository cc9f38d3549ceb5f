"""Prepare a host's files, power it on, tell whether it runs: of whatever backend."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from chaos_runner.errors import LabError
from chaos_runner.lab import network
from chaos_runner.lab.commands import run
from chaos_runner.lab.images.overlay_tree import Tree
from chaos_runner.lab.layout import HostPlace
from chaos_runner.lab.machines import cgroups, vm
from chaos_runner.lab.machines.container import container_start
from chaos_runner.lab.machines.host_files import HostKeys, host_files, write_files
from chaos_runner.lab.machines.light import light_command
from chaos_runner.lab.processes import end_recorded, recorded_alive
from chaos_runner.lab.record import LabRecord
from chaos_runner.lab.spec import HostSpec

_PREPARE = Path(__file__).parents[1] / "files" / "prepare-host.sh"
_LAUNCH_LIMIT = 10.0
"""Seconds for a started process to write its own record; it takes a tenth of one."""
_SURE_TO_RUN = 1.0
"""Seconds after which a QEMU whose accelerator cannot run a guest has ended."""


def alive(place: HostPlace) -> bool:
    """Tell whether the host is powered on."""
    return recorded_alive(place.process)


def tree_of(record: LabRecord, host: HostSpec, place: HostPlace) -> Tree:
    """Return the host's tree: its own layer over Kafka's (where it runs) over Debian's."""
    base = record.base_of(host)
    kafka = (base.kafka,) if base.kafka is not None and host.roles else ()
    return Tree((*kafka, base.root), place.upper, place.directory / "work", place.merged)


def prepare(record: LabRecord, host: HostSpec, place: HostPlace, keys: HostKeys) -> None:
    """Write everything of the host that must stand before its first start, unless it does."""
    if place.prepared.exists():
        return
    shutil.rmtree(place.directory, ignore_errors=True)
    tree = tree_of(record, host, place)
    tree.make_directories()
    write_files(host_files(record, host, place, keys), place.upper, record.base_of(host).root)
    cluster = record.cluster_id if host.roles else ""
    disk = str(place.disk) if host.backend == "vm" else ""
    if cluster or disk:
        what = f"preparing {host.name}"
        disks = (disk, vm.DISK_SIZE, str(place.data_disk), vm.DATA_DISK_SIZE)
        tree.run(_PREPARE.read_text(), cluster, *disks, what=what)
    place.prepared.touch()


def power_on(record: LabRecord, host: HostSpec, place: HostPlace, lock: int) -> None:
    """Start the host and return as soon as its process is recorded.

    `lock` is the descriptor of the lab's lock, held until then by the new process too.
    """
    power_off(place)
    if host.backend == "container":
        _launch(place, container_start(place, tree_of(record, host, place)), "-", lock)
        return
    if host.backend == "light":
        for command in network.container_port(place):
            run(command, f"making the network of {host.name}")
        tree = tree_of(record, host, place)
        _launch(place, light_command(place, tree), place.namespace, lock)
        return
    for command in network.vm_port(place):
        run(command, f"making the network of {host.name}")
    processor, boot = Path("/proc/cpuinfo").read_text(), record.base_of(host).root / "boot"
    for accelerator in vm.accelerators(processor):
        command = vm.qemu_command(host, place, boot, accelerator, processor)
        _launch(place, command, record.spec.name, lock)
        if accelerator == "tcg" or _runs_on(place):
            return


def power_off(place: HostPlace) -> None:
    """End what is left of the host: its process, its container, its network port."""
    groups = cgroups.groups_of(place.lab, place.name)
    if not (end_recorded(place.process) and cgroups.empty(groups)):
        raise LabError(
            f"processes of {place.name} do not end: {cgroups.members(groups)}",
            "they wait for the kernel (state D); try again when they are gone",
        )
    cgroups.remove(groups)
    for command in network.clear_port(place):
        subprocess.run(command, capture_output=True, check=False)
    place.process.unlink(missing_ok=True)
    _forget_container(place)


def _launch(place: HostPlace, command: list[str], namespace: str, lock: int) -> None:
    """Run the command detached from this one (own session, child of no one here)."""
    launcher = [sys.executable, "-P", "-m", "chaos_runner.lab.machines.launcher"]
    arguments = [str(place.process), str(lock), namespace]
    with place.console.open("ab") as console:
        subprocess.run(
            ["setsid", "--fork", *launcher, *arguments, *command],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            cwd="/",
            pass_fds=[lock],
            check=True,
        )
    deadline = time.monotonic() + _LAUNCH_LIMIT
    while not place.process.exists():
        if time.monotonic() > deadline:
            raise LabError(f"{place.name} did not start", f"see {place.console}")
        time.sleep(0.02)


def _runs_on(place: HostPlace) -> bool:
    time.sleep(_SURE_TO_RUN)
    return alive(place)


def _forget_container(place: HostPlace) -> None:
    """Remove the directory that a killed nspawn leaves behind."""
    directory = Path("/run/systemd/nspawn/propagate") / place.namespace
    if directory.is_dir():
        directory.rmdir()
