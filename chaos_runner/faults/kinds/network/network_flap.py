"""Cut a host off from its peers again and again, by nftables."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator

from chaos_runner.faults.capabilities import NFT, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.kinds.network.network_partition import NetworkPartition
from chaos_runner.units import Duration, Within, format_duration


def _whole_seconds(seconds: float) -> float:
    if seconds == int(seconds):
        return seconds
    raise ValueError(f"found `{format_duration(seconds)}`; allowed are whole seconds")


Period = Annotated[Duration, Within(1.0, 600.0, format_duration), AfterValidator(_whole_seconds)]
"""How long the link is in one of its two states."""
_GIVEN_UP_AFTER = 9.0
"""Seconds without a heartbeat after which a broker is fenced (`broker.session.timeout.ms`)."""


class NetworkFlap(NetworkPartition):
    """Cut the targets off from their peers again and again, as a link does that flaps.

    It begins with a cut. Each cut ends by itself in the kernel; a unit beside the fault makes the
    next one.
    """

    kind: ClassVar[str] = "network_flap"
    role: ClassVar[str] = "network_partition"
    needs: ClassVar[frozenset[Capability]] = frozenset({NFT})
    role_defaults: ClassVar[dict[str, object]] = {"down": "", "up": ""}

    down: Period = 5.0
    """How long each cut is, in whole seconds, 1s to 10m."""
    up: Period = 5.0
    """How long the link is whole between two cuts, in whole seconds, 1s to 10m."""

    def describe(self) -> str:
        """Return e.g. `drop from and to all peers, 5s down and 5s up`."""
        times = f"{format_duration(self.down)} down and {format_duration(self.up)} up"
        return f"{super().describe()}, {times}"

    def outcome(self) -> str:
        """Return e.g. `was cut off for 5s again and again`."""
        return f"{super().outcome()} for {format_duration(self.down)} again and again"

    def kernel_expiry(self) -> str:
        """Return when a cut ends, e.g. `5s after a cut began; …`."""
        length = format_duration(self.down)
        return f"{length} after a cut began; the next one comes while the lease lasts"

    def impact_on(self, machine: Machine) -> Impact:
        """Return a cut where each is long enough for Kafka to give a machine up.

        Whether shorter ones count is what is to be seen.
        """
        return self.impact_of_cut(machine) if self.down >= _GIVEN_UP_AFTER else DEGRADED
