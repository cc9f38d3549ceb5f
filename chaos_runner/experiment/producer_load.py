"""The load beside the probe: what an experiment says of it."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from chaos_runner.experiment.settings import ZoneHost
from chaos_runner.faults.values import ProgramArgument, TopicName
from chaos_runner.units import (
    Duration,
    Rate,
    Size,
    Within,
    format_duration,
    format_rate,
    format_size,
)
from chaos_runner.yaml_input.written_model import WrittenModel

PERF_TEST = "kafka-producer-perf-test.sh"
"""Kafka's own load tool, as its distribution calls it."""


class LoadOptions(WrittenModel):
    """Kafka's own producer-perf-test, which the run starts before *before* and ends itself."""

    topic: TopicName
    """An existing topic that the load is written into."""
    rate: Annotated[Rate, Within(1.0, 1_000_000.0, format_rate)] = 1000.0
    """Records a second, at most: 1/s to 1000000/s."""
    size: Annotated[Size, Within(1, 1024**2, format_size)] = 1024
    """Size of a record, 1B to 1MiB."""
    duration: Annotated[Duration, Within(1.0, 86_400.0, format_duration)] = 3600.0
    """How long it may go on, at most, 1s to 24h: it sends no more than this times `rate`. The run
    ends it before."""
    command: Annotated[list[ProgramArgument], Field(min_length=1, max_length=100)] = Field(
        default=[PERF_TEST]
    )
    """The tool, and arguments that come first, such as `--producer.config FILE`."""
    host: ZoneHost | None = None
    """A host of the inventory on which it runs; by default the control node."""

    @property
    def records(self) -> int:
        """Return how many records it sends at most."""
        return math.ceil(self.rate * self.duration)
