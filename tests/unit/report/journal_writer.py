"""Write journals for tests with the project's own event models, so that they cannot drift."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from math import exp, sin
from statistics import NormalDist

from chaos_runner.journal.events import (
    Event,
    PhaseStarted,
    PlannedFault,
    ProbeBucket,
    ProbeFinished,
    ProbeHealth,
    ProbeStarted,
    RunStarted,
)
from chaos_runner.journal.parser import JournalParser
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import bin_of
from chaos_runner.measurements.model import Bucket, Health, Histogram, Totals
from chaos_runner.measurements.named_records import LostRecord
from chaos_runner.measurements.reading import Reading
from chaos_runner.measurements.totals import add_totals

RUN = "20261123-144500-k3f9a2c1"
START = datetime(2026, 11, 23, 14, 45, 0, tzinfo=UTC)
FAULT = "k3f9a2c1_1"
BEFORE = "3f1c9a77e0d2" + "0" * 52
AFTER_DIRTY = "b8807c11ffee" + "0" * 52


def latency_fault(**changes: object) -> PlannedFault:
    """Describe 100 ms on kafka-4, with the other brokers as control."""
    return PlannedFault(
        fault=FAULT,
        kind="network_latency",
        summary="delay 100ms to all peers",
        outcome="was slowed by 100 ms",
        targets=["kafka-4"],
        control=["kafka-1", "kafka-2", "kafka-3"],
        duration=30,
        lease=15,
        cap=120,
        variables={"network_emulation_delay": "100ms", "network_emulation_peers": []},
        commands={
            "kafka-4": [
                "nft add table inet chaos_k3f9a2c1_1",
                "tc qdisc add dev eth0 root handle c4a0: prio bands 4",
                "tc qdisc add dev eth0 parent c4a0:4 handle c4a1: netem delay 100ms",
            ]
        },
    ).model_copy(update=changes)


ROUND_TRIP = Reading(name="round_trip", value=101.3, unit="ms", before=0.4)
"""What a delay of 100 ms makes of a ping."""


def proof_of(after: str, before: str = BEFORE, *readings: Reading) -> dict[str, object]:
    """Return the proof of the fault on kafka-4, as it stands in a journal."""
    prints = {"fingerprint_before": before, "fingerprint_after": after}
    return {"fault": FAULT, **prints, "readings": readings}


class JournalWriter:
    """Events at moments of a run; `content` is the journal file."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.buckets: dict[tuple[int, str, Exposure], Bucket] = {}

    @property
    def content(self) -> bytes:
        """Return the journal as bytes."""
        return "".join(f"{line}\n" for line in self.lines).encode()

    @property
    def events(self) -> list[Event]:
        """Return every event one by one, as whoever follows a run gets them."""
        parser = JournalParser("journal.jsonl")
        for number, line in enumerate(self.content.splitlines(), start=1):
            parser.take(number, line)
        return parser.events

    def add(self, kind: type[Event], elapsed: float, /, **fields: object) -> None:
        """Append one event."""
        at = START + timedelta(seconds=elapsed)
        event = kind.model_validate({"at": at, "elapsed": elapsed, **fields})
        self.lines.append(event.model_dump_json())

    def start(self, faults: Sequence[PlannedFault], **changes: object) -> None:
        """Append the first event."""
        fields: dict[str, object] = {
            "run": RUN,
            "title": "A slow broker loses nothing",
            "description": "Clients with acks=all ride out 100 ms on one broker.",
            "owner": "Team Streams",
            "tags": ["latency", "weekly"],
            "experiment_file": "examples/slow-broker.yml",
            "experiment": {"title": "A slow broker loses nothing", "steady_state": {"loss": 0.0}},
            "inventory": "inventories/lab",
            "faults": [fault.model_dump() for fault in faults],
            "steady_state": {"loss": 0.0, "ack_p99": 0.5},
            "versions": {"chaos-runner": "0.1.0", "ansible-core": "2.19.4", "librdkafka": "2.16.0"},
            "process": 4711,
        }
        self.add(RunStarted, 0.0, **{**fields, **changes})

    def phase(self, phase: str, elapsed: float) -> None:
        """Append the beginning of a phase."""
        self.add(PhaseStarted, elapsed, phase=phase)

    def probe_started(self, elapsed: float, **changes: object) -> None:
        """Append how the probe talks to Kafka."""
        fields: dict[str, object] = {
            "topic": f"chaos-probe-{RUN}",
            "brokers": {"1": "198.18.0.11:9092", "4": "198.18.0.14:9092"},
            "placement": {"0": [1, 2, 3], "1": [4, 1, 2]},
            "rate": 100,
            "size": 1024,
            "client": {"acks": "all", "sasl.password": "[redacted]"},
            "profile": "defaults",
        }
        self.add(ProbeStarted, elapsed, **{**fields, **changes})

    def second(
        self,
        second: int,
        phase: str,
        elapsed: float,
        ack: float = 4.0,
        scheduled: int = 100,
        **counts: int,
    ) -> None:
        """Append one second of the probe, with latencies scattered around `ack` ms."""
        self.group_second(
            Exposure.ALL, second, phase, elapsed, ack, {"scheduled": scheduled, **counts}
        )

    def group_second(
        self,
        group: Exposure,
        second: int,
        phase: str,
        elapsed: float,
        ack: float,
        counts: dict[str, int],
        waited: float = 0.0,
    ) -> None:
        """Append one second of a group; what was not acked has waited `waited` ms.

        Zero leaves the waits out.
        """
        scheduled = counts["scheduled"]
        acked = counts.get(
            "acked", scheduled - counts.get("indeterminate", 0) - counts.get("rejected", 0)
        )
        seen = counts.get(
            "consumed", acked - counts.get("lost", 0) - counts.get("not_yet_consumed", 0)
        )
        wobbling = ack * (1 + 0.2 * sin(second * 1.7))
        bucket = Bucket(
            second=second,
            elapsed=elapsed,
            phase=phase,
            group=group,
            ack=_histogram(acked, wobbling),
            end_to_end=_histogram(seen, wobbling * 1.6 + 2),
            ack_censored={bin_of(waited): scheduled - acked} if waited else {},
        ).model_copy(update={**counts, "acked": acked, "consumed": seen})
        self.buckets[second, phase, group] = bucket
        self.add(ProbeBucket, elapsed + 1.2, bucket=bucket.model_dump())

    def health(self, elapsed: float, under_replicated: int = 0, **changes: object) -> None:
        """Append one health poll."""
        health = Health(
            elapsed=elapsed,
            brokers=4,
            under_replicated=under_replicated,
            offline=0,
            not_preferred=0,
        ).model_copy(update=changes)
        self.add(ProbeHealth, elapsed, health=health.model_dump())

    def probe_finished(
        self, elapsed: float, *, complete: bool = True, reason: str = "", **outcome: object
    ) -> None:
        """Append the final account: the sum of the seconds written so far, and the `outcome`."""
        groups = dict.fromkeys(bucket.group for bucket in self.buckets.values())
        if groups.keys() - {""}:
            outcome = {"groups": {group: self._totals(group) for group in groups}, **outcome}
        self.add(
            ProbeFinished,
            elapsed,
            complete=complete,
            totals=self._totals(None),
            reason=reason,
            **outcome,
        )

    def _totals(self, group: Exposure | None) -> dict[str, dict[str, object]]:
        """Return the account of each phase, of one group or of all."""
        own = [bucket for bucket in self.buckets.values() if group is None or bucket.group == group]
        return {
            phase: _total([bucket for bucket in own if bucket.phase == phase]).model_dump()
            for phase in dict.fromkeys(bucket.phase for bucket in own)
        }


def _total(parts: list[Bucket]) -> Totals:
    total = add_totals(parts)
    lost = [
        LostRecord(partition=1, sequence=4000 + number, offset=90 + number)
        for number in range(total.lost)
    ]
    return total.model_copy(update={"lost_records": lost})


def _histogram(records: int, typical: float) -> Histogram:
    """Spread latencies around `typical` as a log-normal distribution would."""
    histogram: Histogram = {}
    for factor in _factors(records):
        bin_index = bin_of(typical * factor)
        histogram[bin_index] = histogram.get(bin_index, 0) + 1
    return histogram


@cache
def _factors(records: int) -> list[float]:
    spread = NormalDist(0, 0.35)
    return [exp(spread.inv_cdf((record + 0.5) / records)) for record in range(records)]
