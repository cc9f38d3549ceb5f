"""The faults of the crash matrix beside latency, partition and stopped services. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tests.integration.crash_matrix.services import OF_ITS_OWN_PROGRAM, PLAIN, PROGRAM

SMALL_DISK = "/mnt/small"
"""Where each host has a file system of 16 MiB and 4000 inodes, which nothing else needs."""

OWN_DISK = "/mnt/own"
"""Where each machine has a file system of 16 MiB on a disk of its own."""


@dataclass(frozen=True)
class OtherFault:
    """A row: the fault of an experiment, and at which calls of its guard it can be held."""

    fault: str
    units: tuple[str, ...] = ()
    """Those that are to be up in the end."""
    mid_apply: str = ""
    """What hold.sh waits for; nothing where its script calls no tool there that can be held."""
    mid_revert: str = ""
    on_machine: bool = False
    """Whether it takes a disk or control groups of the host's own, which no container has."""


OTHERS = {
    "network_flap": OtherFault(
        "network_flap: {down: 2s, up: 2s}",
        mid_apply="nft after inject APPLYING -f",
        mid_revert="nft after any REVERTING -f",
    ),
    "dns_failure": OtherFault(
        "dns_failure: {peers: [192.0.2.53]}",
        mid_apply="nft after inject APPLYING -f",
        mid_revert="nft after any REVERTING -f",
    ),
    "service_pause": OtherFault(
        f"service_pause: {{service: {PLAIN.name}}}", units=tuple(PLAIN.units)
    ),
    "service_kill": OtherFault(
        f"service_kill: {{service: {PLAIN.name}}}",
        units=tuple(PLAIN.units),
        mid_apply="systemctl after inject APPLYING kill",
        mid_revert="systemctl before any REVERTING start",
    ),
    "process_pause": OtherFault(
        f"process_pause: {{executable: {PROGRAM}}}", units=tuple(OF_ITS_OWN_PROGRAM.units)
    ),
    "disk_fill": OtherFault(f"disk_fill: {{path: {SMALL_DISK}, level: 90%}}"),
    "cpu_stress": OtherFault(
        "cpu_stress: {workers: 1, load: 10%}",
        mid_apply="systemd-run after inject APPLYING",
        mid_revert="systemctl before any REVERTING stop",
    ),
    "memory_stress": OtherFault(
        "memory_stress: {size: 16MiB}",
        mid_apply="systemd-run after inject APPLYING",
        mid_revert="systemctl before any REVERTING stop",
    ),
    "connection_exhaustion": OtherFault(
        "connection_exhaustion: {}",
        mid_apply="nft after inject APPLYING -f",
        mid_revert="nft after any REVERTING -f",
    ),
    "mtu_black_hole": OtherFault(
        "mtu_black_hole: {mtu: 1000}",
        mid_apply="nft after inject APPLYING -f",
        mid_revert="nft after any REVERTING -f",
    ),
    "inode_fill": OtherFault(f"inode_fill: {{path: {SMALL_DISK}, left: 8}}"),
    "log_flood": OtherFault(
        f"log_flood: {{file: {SMALL_DISK}/flood.log, lines: 100, length: 64B, most: 4MiB}}",
        mid_apply="systemd-run after inject APPLYING",
        mid_revert="systemctl before any REVERTING stop",
    ),
    "file_descriptors": OtherFault(
        f"file_descriptors: {{service: {PLAIN.name}}}", units=tuple(PLAIN.units)
    ),
    "io_stress": OtherFault(
        "io_stress: {path: /var/tmp, workers: 1, size: 16MiB}",
        mid_apply="systemd-run after inject APPLYING",
        mid_revert="systemctl before any REVERTING stop",
        on_machine=True,
    ),
    "disk_slow": OtherFault(
        f"disk_slow: {{service: {PLAIN.name}, path: /var/tmp, write: 1MiB}}",
        units=tuple(PLAIN.units),
        mid_apply="systemctl after inject APPLYING daemon-reload",
        mid_revert="systemctl before any REVERTING daemon-reload",
        on_machine=True,
    ),
    "disk_stall": OtherFault(
        f"disk_stall: {{path: {OWN_DISK}}}",
        mid_apply="systemd-run after inject APPLYING",
        mid_revert="systemctl before any REVERTING stop",
        on_machine=True,
    ),
}
"""Row to its fault."""
