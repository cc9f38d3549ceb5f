"""A probe that runs for a benchmark, and what processes cost while it does."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from resources import cpu_seconds, resident_megabytes

from chaos_runner.kafka.common.messages import Finished, HealthMessage, ProbeMessage
from chaos_runner.kafka.probe.session import Probe, ProbeSettings
from chaos_runner.measurements.model import Health

START_LIMIT = 30.0
DRAIN_LIMIT = 60.0
LINGER = 5
"""Milliseconds that records wait for company: Kafka's own default since 4.0."""


@dataclass(frozen=True)
class Cost:
    """What one round cost, and how much was verified by it."""

    records: int
    seconds: float
    cpu: float
    """Seconds, too."""
    first_memory: float
    """Resident megabytes at the start of the measurement."""
    last_memory: float
    matching: float = 0.0
    """CPU-seconds that it took to read what the clients print and to match it."""

    @property
    def per_cpu_second(self) -> float:
        """Return the verified records per CPU-second."""
        return self.records / (self.cpu + self.matching)


class RunningProbe:
    """A probe at work, and what it says about its own health."""

    def __init__(self, servers: str, rate: int, size: int) -> None:
        run = f"benchmark-{uuid.uuid4().hex[:8]}"
        settings = ProbeSettings(
            run=run,
            bootstrap_servers=servers,
            rate=rate,
            size=size,
            client={"linger.ms": str(LINGER)},
            drain_limit=DRAIN_LIMIT,
        )
        self.health: list[Health] = []
        self.probe = Probe(settings, self._hear)
        self.probe.start(START_LIMIT)

    def measure(self, warm_up: float, seconds: float) -> tuple[Cost, Finished]:
        """Let it work, and return the cost of the seconds after the warm-up, and the account."""
        time.sleep(warm_up)
        self.health.clear()
        self.probe.enter_phase("measured")
        cost = cost_of([self.probe.process], seconds, lambda: 0)
        self.probe.enter_phase("over")
        finished = self.probe.finish(DRAIN_LIMIT)
        records = finished.totals["measured"].consumed
        return replace(cost, records=records), finished

    def _hear(self, message: ProbeMessage) -> None:
        if isinstance(message, HealthMessage):
            self.health.append(message.health)


def cost_of(processes: list[int], seconds: float, verified: Callable[[], int]) -> Cost:
    """Return what processes use for some seconds, and by how much `verified` rises."""
    records, cpu, memory = verified(), cpu_seconds(processes), resident_megabytes(processes)
    time.sleep(seconds)
    return Cost(
        verified() - records,
        seconds,
        cpu_seconds(processes) - cpu,
        memory,
        resident_megabytes(processes),
    )
