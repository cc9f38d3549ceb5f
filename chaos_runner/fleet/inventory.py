"""What chaos-runner knows of an inventory: its hosts, their groups, how to reach them."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from chaos_runner.errors import InvalidInventoryError

KAFKA_BROKER_GROUP = "kafka_broker"
"""The group of brokers, named as in Confluent's cp-ansible so existing inventories work."""

NETWORK_NAMESPACE_VARIABLE = "chaos_network_namespace"
"""The inventory variable that names the network namespace in which the hosts are reached."""


@dataclass(frozen=True)
class Host:
    """Describe one host and how both hands (Ansible and paramiko) reach it."""

    name: str
    address: str
    port: int = 22
    user: str | None = None
    private_key_file: str | None = None
    become: bool = False
    ssh_arguments: str = ""
    """`ansible_ssh_common_args` and `ansible_ssh_extra_args`, joined, as written."""
    addresses: tuple[str, ...] = ()
    """Every address of the host (`chaos_addresses`), `address` first when it is one."""
    kafka_port: int = 9092
    become_method: str = "sudo"
    become_user: str = "root"
    become_exe: str = ""
    """The program in place of the method's own; empty where the inventory says nothing."""
    variables: dict[str, object] = field(default_factory=dict, hash=False, compare=False)

    @property
    def every_address(self) -> tuple[str, ...]:
        """Return the IP addresses under which peers know this host, IPv4 and IPv6."""
        own = (self.address,) if is_address(self.address) else ()
        return tuple(dict.fromkeys((*own, *self.addresses)))


@dataclass(frozen=True)
class Inventory:
    """Hold an inventory after Ansible resolved it: groups are flattened to host names."""

    source: Path
    hosts: dict[str, Host]
    groups: dict[str, tuple[str, ...]]
    network_namespace: str | None = None

    def group(self, name: str) -> tuple[str, ...]:
        """Return the host names of a group, or raise InvalidInventoryError naming the groups."""
        if name == "all":
            return tuple(self.hosts)
        if name not in self.groups:
            known = ", ".join(sorted(self.groups)) or "none"
            raise InvalidInventoryError(
                f"{self.source}: there is no group `{name}`", f"groups of this inventory: {known}"
            )
        return self.groups[name]

    def bootstrap_servers(self) -> str:
        """Return `address:port,…` of the brokers, for a Kafka client's bootstrap.servers."""
        brokers = [self.hosts[name] for name in self.group(KAFKA_BROKER_GROUP)]
        return ",".join(f"{_bracketed(host.address)}:{host.kafka_port}" for host in brokers)


NO_INVENTORY = Inventory(source=Path(), hosts={}, groups={})
"""What a run without hosts works on."""


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address, and no name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
