"""What a host tells of the Kafka servers on it, and of services that a plan would stop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

ServerKind = Literal["kafka", "zookeeper"]


class ServerProcess(BaseModel):
    """One process of a cluster on a host: a Kafka broker or controller, or a ZooKeeper server."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    process: int = 0
    what: ServerKind = "kafka"
    unit: str = ""
    """The innermost systemd service that it runs in; empty in a container or a login session."""
    group: str = ""
    """Its control group, by which a container is known."""
    forwarded: bool = False
    """Whether it has a network of its own, as most containers have: the host's own traffic is none
    of its, and what it sends and receives is forwarded."""
    ports: list[int] = []
    """The TCP ports at which it listens, as far as they could be told."""
    node: int = -1
    """The id of a KRaft server; -1 where it is not known."""
    leader: int = -1
    """The id of the active controller, as this server knows it; -1 where it knows none."""
    epoch: int = -1
    """The epoch of that leader: of two answers the one with the later epoch is right."""
    voters: list[int] = []
    """The ids of the controllers that vote; none where its file does not name them."""


def active_controller_of(servers: Iterable[ServerProcess]) -> int | None:
    """Return the id of the active controller by the latest epoch; None where no server knows it."""
    known = [server for server in servers if server.leader >= 0]
    return max(known, key=lambda server: server.epoch).leader if known else None


class ServiceFacts(BaseModel):
    """One service as systemd on the host knows it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: str = ""
    loaded: str = ""
    """systemd's LoadState; empty where systemd gave no answer."""
    active: str = ""
    stops: str = ""
    """The unit's names and every unit that systemd stops along with it, separated by blanks."""
    programs: str = ""
    """The names of the programs that run in all that stops, separated by blanks."""
    groups: str = ""
    """The control groups of all that stops, separated by blanks; none where no process is left."""
