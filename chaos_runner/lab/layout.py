"""Where a lab keeps its things, and the addresses its hosts have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STATE = Path("/var/lib/chaos-lab")
CACHE = Path("/var/cache/chaos-lab")
USER = "ops"
"""Who logs in to a lab's hosts; becomes root by sudo."""

PREFIX_LENGTHS = (16, 64)
"""Of the IPv4 and IPv6 networks that all hosts of a lab share."""
CONTROLLER_ADDRESSES = ("198.18.0.1", "2001:2::1")
"""The control node's side of the bridge. 198.18.0.0/15 (RFC 2544) and 2001:2::/48 (RFC 5180)
are set aside for benchmarks: no user's network has them."""


@dataclass(frozen=True)
class HostPlace:
    """Where one host of a lab has its files, its network and its processes."""

    lab: str
    name: str
    number: int

    @property
    def directory(self) -> Path:
        """Return the host's directory within the lab's state."""
        return STATE / self.lab / "hosts" / self.name

    @property
    def upper(self) -> Path:
        """Return the host's own layer above the shared root file system."""
        return self.directory / "upper"

    @property
    def merged(self) -> Path:
        """Return the mount point of the host's tree (seen only in private mount namespaces)."""
        return self.directory / "merged"

    @property
    def prepared(self) -> Path:
        """Return the mark that stands once every file of the host is written."""
        return self.directory / "prepared"

    @property
    def console(self) -> Path:
        """Return the file that gets the host's console."""
        return self.directory / "console.log"

    @property
    def disk(self) -> Path:
        """Return a VM's disk image."""
        return self.directory / "disk.raw"

    @property
    def data_disk(self) -> Path:
        """Return the image of the disk that a VM has for Kafka's data alone."""
        return self.directory / "data.raw"

    @property
    def process(self) -> Path:
        """Return the record of the process that stands for the host: supervisor or QEMU."""
        return STATE / self.lab / "processes" / f"{self.name}.json"

    @property
    def namespace(self) -> str:
        """Return the name of the network namespace of a container or light host."""
        return f"{self.lab}-{self.name}"

    @property
    def interface(self) -> str:
        """Return the name of the host's port at the bridge."""
        return f"host{self.number}"

    @property
    def mac(self) -> str:
        """Return the host's Ethernet address, the same after every start."""
        high, low = divmod(self.number + 10, 256)
        return f"02:00:c6:12:{high:02x}:{low:02x}"

    @property
    def ipv4(self) -> str:
        """Return the host's IPv4 address: kafka-1 of the default lab has 198.18.0.11."""
        high, low = divmod(self.number + 10, 256)
        return f"198.18.{high}.{low}"

    @property
    def ipv6(self) -> str:
        """Return the host's IPv6 address: kafka-1 of the default lab has 2001:2::11."""
        return f"2001:2::{self.number + 10}"


@dataclass(frozen=True)
class LabPlace:
    """Where a lab has its files and its network."""

    name: str

    @property
    def directory(self) -> Path:
        """Return the directory that holds everything of the lab."""
        return STATE / self.name

    @property
    def lock(self) -> Path:
        """Return the lock file; it lies beside the directory so that both can be removed."""
        return STATE / f"{self.name}.lock"

    @property
    def record(self) -> Path:
        """Return the file that says what the lab was made from."""
        return self.directory / "lab.json"

    @property
    def inventory(self) -> Path:
        """Return the file that `inventories/lab/hosts` prints."""
        return self.directory / "inventory.json"

    @property
    def key(self) -> Path:
        """Return the private key of user `ops`."""
        return self.directory / "ssh" / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """Return the file with the host keys, made before any host starts."""
        return self.directory / "ssh" / "known_hosts"

    def host(self, name: str, number: int) -> HostPlace:
        """Return the place of the host with this name and number (from 1)."""
        return HostPlace(self.name, name, number)
