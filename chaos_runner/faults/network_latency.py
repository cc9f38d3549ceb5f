"""Delay what a host sends, by tc/netem."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from chaos_runner.faults.base import FaultOptions, Resolve, resolved_peers, traffic_summary
from chaos_runner.faults.values import Address, Interface, Peer, Port
from chaos_runner.units import Duration, Percentage, Within, format_duration, format_percentage

Distribution = Literal["uniform", "normal", "pareto", "paretonormal"]

_LONGEST_DELAY = 60.0
"""Seconds. Beyond a minute every Kafka client has given up: that is a partition, not a delay."""
_SHORTEST_DELAY = 0.0001
"""Seconds. The kernel's timers hold packets back no more finely than this."""


class NetworkLatency(FaultOptions):
    """Delay every packet that the target sends to its peers."""

    kind: ClassVar[str] = "network_latency"
    needs: ClassVar[frozenset[str]] = frozenset({"netem", "nft"})
    ends_in_kernel: ClassVar[bool] = True

    delay: Annotated[Duration, Within(_SHORTEST_DELAY, _LONGEST_DELAY, format_duration)]
    """How long each packet is held back, at most 1m."""
    jitter: Annotated[Duration, Within(0.0, _LONGEST_DELAY, format_duration)] | None = None
    """How far the delay varies up and down; at most the delay itself."""
    correlation: Percentage | None = None
    """How much a packet's delay resembles the one before; needs jitter."""
    distribution: Distribution = "uniform"
    """How the jitter is spread; anything but uniform needs jitter."""
    peers: list[Peer] = Field(default=[], max_length=256)
    """Only traffic to these hosts, groups, addresses or ranges; all peers when left out."""
    ports: list[Port] = Field(default=[], max_length=64)
    """Only traffic to or from these ports; all ports when left out."""
    interface: Interface | None = None
    """The network interface; by default the one towards the peers, or that holds the address
    which Kafka advertises, or towards the controller."""
    spared: Annotated[list[Address], Field(max_length=64)] | None = None
    """Never traffic with these addresses or ranges: what a relay on the host connects to, through
    which SSH comes in."""

    @field_validator("jitter")
    @classmethod
    def _at_most_the_delay(cls, jitter: float | None, info: ValidationInfo) -> float | None:
        delay = info.data.get("delay")
        if jitter is None or delay is None or jitter <= delay:
            return jitter
        raise ValueError(
            f"found `{format_duration(jitter)}`; allowed is at most the delay, "
            f"`{format_duration(delay)}`, since no packet can leave before it was sent"
        )

    @field_validator("correlation", "distribution")
    @classmethod
    def _needs_jitter(cls, value: object, info: ValidationInfo) -> object:
        without_jitter = "jitter" in info.data and not info.data["jitter"]
        if without_jitter and value not in (None, "uniform"):
            raise ValueError("is set without jitter, so it would do nothing; add `jitter`")
        return value

    def summary(self) -> str:
        """Return e.g. `delay 100ms ±10ms to all peers`."""
        spread = f" ±{format_duration(self.jitter)}" if self.jitter else ""
        whom = traffic_summary(self.peers, self.ports)
        return f"delay {format_duration(self.delay)}{spread} to {whom}"

    def role_variables(self, resolve: Resolve) -> dict[str, object]:
        """Return the variables of roles/network_latency; "" where tc's own default is meant."""
        return {
            "network_latency_delay": _tc_time(self.delay),
            "network_latency_jitter": _tc_time(self.jitter) if self.jitter else "",
            "network_latency_correlation": _tc_percent(self.correlation),
            "network_latency_distribution": _tc_distribution(self.distribution),
            "network_latency_peers": resolved_peers(self.peers, resolve),
            "network_latency_ports": list(self.ports),
            "network_latency_interface": self.interface or "",
            "network_latency_own_addresses": [],
            "network_latency_spared": list(self.spared or []),
            "network_latency_measured": [],
        }


def _tc_time(seconds: float) -> str:
    """Write seconds as tc reads them: one number, one unit."""
    milliseconds = f"{seconds * 1000:.3f}".rstrip("0").rstrip(".")
    return f"{milliseconds}ms"


def _tc_percent(percent: float | None) -> str:
    return format_percentage(percent) if percent else ""


def _tc_distribution(distribution: Distribution) -> str:
    """Leave uniform out: netem spreads jitter evenly by itself, and has no table of that name."""
    return "" if distribution == "uniform" else distribution
