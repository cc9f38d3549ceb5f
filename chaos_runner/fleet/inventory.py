"""What chaos-runner knows of an inventory: its hosts, their groups, how to reach them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from chaos_runner.errors import InvalidInventoryError

KAFKA_BROKER_GROUP = "kafka_broker"
"""The group of brokers, named as in Confluent's cp-ansible so existing inventories work."""

NETWORK_NAMESPACE_VARIABLE = "chaos_network_namespace"
"""The inventory variable that names the network namespace in which the hosts are reached."""

CONSENT_VARIABLE = "chaos_consent"
"""The inventory variable that says which faults a host may get, and when."""

EXECUTION_NODE_VARIABLE = "chaos_execution_node"
"""The inventory variable that names the host through which others are worked on."""


@dataclass(frozen=True)
class Host:
    """One host, and how both channels (Ansible and paramiko) reach it."""

    name: str
    address: str
    port: int = 22
    user: str | None = None
    private_key_file: str | None = None
    become: bool = False
    """Whether another user is become after the login, as the plays of chaos-runner ask for it."""
    ssh_arguments: str = ""
    """Every argument that Ansible gives ssh, in its order, but those that share connections."""
    ssh_words_before: int = 0
    """How many words of them Ansible gives before user, port and key, so that they win."""
    port_given: bool = False
    """Whether something set the port, so that it wins over the configuration of ssh."""
    addresses: tuple[str, ...] = ()
    """Every address of the host (`chaos_addresses`), `address` first when it is one."""
    kafka_port: int = 9092
    become_method: str = "sudo"
    become_user: str = "root"
    become_flags: str = ""
    """The flags in place of the method's own; empty where the inventory says nothing."""
    become_exe: str = ""
    """The program in place of the method's own; empty where the inventory says nothing."""
    become_asks_password: bool = False
    """Whether the inventory holds a password for becoming that user; it is not kept here."""
    unused_logins: tuple[str, ...] = ()
    """Settings by which Ansible may get in and the SSH channel does not, such as a password; what
    they say is not kept here."""
    ssh_executable: str = "ssh"
    """The program that Ansible starts as ssh."""
    execution_node: str = ""
    """The host of this inventory through which it is worked on; empty: from here."""
    through: Host | None = None
    """That host itself."""
    hidden: tuple[str, ...] = field(default=(), repr=False)
    """Values of it that are in a vault, and that no message shows."""
    unusable: str = ""
    """Why chaos-runner cannot work on this host, in one sentence; empty where it can."""
    never_reached: bool = False
    """Whether it never could, so that no fault of ours can be there: it speaks no SSH."""
    unread: dict[str, str] = field(default_factory=dict, hash=False, compare=False)
    """Variables that reaching the host does not need and that cannot be read, each with why."""
    variables: dict[str, object] = field(default_factory=dict, hash=False, compare=False)

    @property
    def every_address(self) -> tuple[str, ...]:
        """Return the IP addresses under which peers know this host, IPv4 and IPv6.

        Raises InvalidInventoryError when the inventory's list of them cannot be read.
        """
        self._refuse_unread("chaos_addresses")
        own = (self.address,) if is_address(self.address) else ()
        return tuple(dict.fromkeys((*own, *self.addresses)))

    @property
    def kafka_address(self) -> str:
        """Return `address:port` for a Kafka client.

        Raises InvalidInventoryError when the inventory's port cannot be read.
        """
        self._refuse_unread("kafka_port")
        return f"{_bracketed(self.address)}:{self.kafka_port}"

    def _refuse_unread(self, variable: str) -> None:
        if variable in self.unread:
            raise InvalidInventoryError(
                f"host `{self.name}`: {self.unread[variable]}", "write the plain value"
            )


@dataclass(frozen=True)
class Inventory:
    """An inventory after Ansible resolved it: groups are flattened to host names."""

    source: Path
    hosts: dict[str, Host]
    groups: dict[str, tuple[str, ...]]
    network_namespace: str | None = None
    more_sources: tuple[Path, ...] = ()
    """What was named beside `source`; Ansible reads them together, in this order."""
    reads_environment: bool = False
    """Whether programs or lookups of the inventory may need any variable of the environment."""

    @property
    def sources(self) -> tuple[Path, ...]:
        """Return everything the inventory was read from."""
        return (self.source, *self.more_sources)

    @property
    def label(self) -> str:
        """Return the sources as they were named."""
        return ", ".join(map(str, self.sources))

    @property
    def name(self) -> str:
        """Return the absolute paths, or lists of hosts, it was read from; empty without hosts."""
        if not self.hosts:
            return ""
        return ", ".join(
            str(source if is_host_list(source) else source.resolve()) for source in self.sources
        )

    @property
    def usable(self) -> tuple[str, ...]:
        """Return the hosts on which chaos-runner can work."""
        return tuple(name for name, host in self.hosts.items() if not host.unusable)

    @property
    def unusable(self) -> dict[str, str]:
        """Return the hosts on which it cannot, each with the reason."""
        return {name: host.unusable for name, host in self.hosts.items() if host.unusable}

    @cached_property
    def gateways(self) -> frozenset[str]:
        """Return the addresses by which several hosts are reached, each at a port of its own.

        Such an address forwards ports; in packets and in what brokers advertise it means none of
        these hosts.
        """
        ports: dict[str, set[int]] = {}
        for host in self.hosts.values():
            ports.setdefault(host.address, set()).add(host.port)
        return frozenset(address for address, several in ports.items() if len(several) > 1)

    def names_of(self, name: str) -> tuple[str, ...]:
        """Return the name of a host and its addresses, as far as they mean no other host too.

        Raises InvalidInventoryError when the inventory's list of them cannot be read.
        """
        host = self.hosts[name]
        known = dict.fromkeys((name, host.address, *host.every_address))
        return tuple(each for each in known if each not in self.gateways)

    def group(self, name: str) -> tuple[str, ...]:
        """Return the host names of a group, or raise InvalidInventoryError naming the groups."""
        if name == "all":
            return tuple(self.hosts)
        if name not in self.groups:
            known = ", ".join(sorted(self.groups)) or "none"
            raise InvalidInventoryError(
                f"{self.label}: there is no group `{name}`", f"groups of this inventory: {known}"
            )
        return self.groups[name]

    def bootstrap_servers(self) -> str:
        """Return `address:port,…` of the brokers, for a Kafka client's bootstrap.servers.

        Each once: an inventory may have one machine by two names.
        """
        brokers = self.group(KAFKA_BROKER_GROUP)
        return ",".join(dict.fromkeys(self.hosts[name].kafka_address for name in brokers))


NO_INVENTORY = Inventory(source=Path(), hosts={}, groups={})
"""What a run without hosts works on."""


def source_arguments(sources: Iterable[Path]) -> list[str]:
    """Return each source as Ansible takes it: a list of hosts as it is, a path made absolute."""
    return [str(source if is_host_list(source) else source.absolute()) for source in sources]


def is_host_list(source: Path) -> bool:
    """Tell whether a source is `host,host`, which for Ansible everything with a comma is."""
    return "," in str(source)


def is_address(text: str) -> bool:
    """Tell whether a text is an IP address, and no name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address
