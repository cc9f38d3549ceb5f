"""Tell within a second everything a machine lacks for a lab."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from chaos_runner.errors import LabRequirementError
from chaos_runner.lab.commands import succeeds
from chaos_runner.lab.layout import CACHE, STATE
from chaos_runner.lab.spec import HostSpec, LabSpec

_ALWAYS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "tc": "iproute2",
    "sysctl": "procps",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
_FOR_VMS = {"qemu-system-x86_64": "qemu-system-x86", "mkfs.ext4": "e2fsprogs"}
_FOR_MAVEN = {"mvn": "maven"}

_DISK = 3 * 1024
"""MiB on the file systems of cache and state: root file system, Kafka, a VM's disk, logs."""
_DISK_A_SUITE = 1024
"""MiB of another root file system and its Kafka layer; 0.9 GiB were seen."""
_CONTAINER_MEMORY = {True: 450, False: 60}
"""MiB of a container with and without Kafka: 256 of heap, the JVM's own, systemd."""
_LIGHT_MEMORY = 8
"""MiB of a light host: its sshd, and what is logged in."""
_VM_OVERHEAD = 350
"""MiB of QEMU beside the guest's memory, most of it translated code."""


def require(spec: LabSpec) -> None:
    """Raise LabRequirementError with everything that is missing at once."""
    missing = [
        *_missing_commands(spec),
        *_missing_space(spec),
        *_missing_memory(spec, Path("/proc/meminfo").read_text()),
        *_missing_devices(spec),
        *_missing_in_kernel(),
        *_missing_overlay(),
    ]
    if missing:
        lines = "\n".join(f"  - {line}" for line in missing)
        raise LabRequirementError(f"this machine lacks what lab `{spec.name}` needs:\n{lines}")


def require_root() -> None:
    """Raise LabRequirementError for anyone but root."""
    if os.geteuid() != 0:
        raise LabRequirementError("a lab needs root", "run the command with sudo")


def netem_works() -> bool:
    """Try sch_netem for real, in a network namespace that vanishes with the command."""
    command = "tc qdisc add dev lo root netem delay 1ms"
    return succeeds(["unshare", "--net", "--", *command.split()])


def needed_memory(spec: LabSpec) -> int:
    """Return the MiB that the hosts of a resolved spec will use."""
    return sum(_memory_of(host) for host in spec.hosts)


def _memory_of(host: HostSpec) -> int:
    match host.backend:
        case "vm":
            return host.memory + _VM_OVERHEAD
        case "light":
            return _LIGHT_MEMORY
        case _:
            return _CONTAINER_MEMORY[bool(host.roles)]


def _missing_commands(spec: LabSpec) -> list[str]:
    needed = dict(_ALWAYS)
    if any(host.backend == "vm" for host in spec.hosts):
        needed |= _FOR_VMS
    if spec.kafka and spec.kafka.distribution is None:
        needed |= _FOR_MAVEN
    packages = {package: name for name, package in needed.items() if shutil.which(name) is None}
    if not packages:
        return []
    lacking = ", ".join(f"{name} ({package})" for package, name in packages.items())
    return [f"commands: {lacking}; install them: apt-get install {' '.join(packages)}"]


def _missing_space(spec: LabSpec) -> list[str]:
    needed = _DISK + _DISK_A_SUITE * (len(spec.suites) - 1)
    lacking = []
    for directory in (CACHE, STATE):
        existing = next(path for path in (directory, *directory.parents) if path.exists())
        free = shutil.disk_usage(existing).free // 2**20
        if free < needed:
            lacking.append(f"disk: {needed} MiB for {directory}, {free} MiB are free")
    return lacking


def _missing_memory(spec: LabSpec, meminfo: str) -> list[str]:
    fields = dict(line.split(":", 1) for line in meminfo.splitlines() if ":" in line)
    available = int(fields["MemAvailable"].split()[0]) // 1024
    needed = needed_memory(spec)
    if available >= needed:
        return []
    return [f"memory: {needed} MiB for the hosts of the lab, {available} MiB are available"]


def _missing_devices(spec: LabSpec) -> list[str]:
    if Path("/dev/net/tun").exists() or all(host.backend != "vm" for host in spec.hosts):
        return []
    return ["/dev/net/tun, which connects a VM; load it: modprobe tun"]


def _missing_in_kernel() -> list[str]:
    tries = {
        "bridges in the kernel (module bridge)": "ip link add lab0 type bridge",
        "veth pairs in the kernel (module veth)": "ip link add lab0 type veth peer name lab1",
    }
    return [
        what
        for what, command in tries.items()
        if not succeeds(["unshare", "--net", "--", *command.split()])
    ]


def _missing_overlay() -> list[str]:
    """Mount an overlay for real: it fails where the state lies on an overlay itself."""
    STATE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STATE, prefix=".try-") as directory:
        layers = [Path(directory, name) for name in ("lower", "upper", "work", "merged")]
        for layer in layers:
            layer.mkdir()
        lower, upper, work, merged = layers
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        mount = ["mount", "-t", "overlay", "overlay", "-o", options, str(merged)]
        if succeeds(["unshare", "--mount", "--", *mount]):
            return []
    return [f"overlay mounts on the file system of {STATE}; put a disk (not an overlay) there"]
