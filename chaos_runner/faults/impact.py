"""What a fault does to one machine of a cluster, as far as its kind can tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum


class Harm(Enum):
    """How hard a machine is hit."""

    NONE = "none"
    DEGRADED = "degraded"
    """It is there, and slower or cut from some: whether it keeps up is to be seen."""
    UNAVAILABLE = "unavailable"
    """The rest of the cluster misses it."""


@dataclass(frozen=True)
class Impact:
    """What a fault does to one machine."""

    harm: Harm
    cut_from: tuple[str, ...] = ()
    """IP addresses and CIDR ranges that it no longer reaches, though both are there."""
    unknown: str = ""
    """What could not be told, for which the worst is supposed; or nothing."""


@dataclass(frozen=True)
class ServiceUse:
    """What of a cluster runs in a service of a machine."""

    has_server: bool = False
    unknown: str = ""
    """Why that cannot be told, or nothing."""


@dataclass(frozen=True)
class Machine:
    """What a fault kind may know of a target: what of the cluster is on it."""

    ports: frozenset[int] = frozenset()
    """Those at which Kafka is known to serve on any machine of the cluster, all of which use those
    of the others; and where its own are not known, all at which anything listens there."""
    untold: tuple[str, ...] = ()
    """The machines of the cluster that do not tell at which ports Kafka serves there."""
    peers: tuple[str, ...] = ()
    """Every address of the peers that the fault names; none means every peer."""
    use_of: Callable[[str], ServiceUse] = field(default=lambda _: ServiceUse(has_server=True))
    """Tells what of the cluster runs in a service."""


NO_IMPACT = Impact(Harm.NONE)
DEGRADED = Impact(Harm.DEGRADED)
UNAVAILABLE = Impact(Harm.UNAVAILABLE)
