"""What the probe measures, as data that travels: to the run, into the journal, to the report.

This file imports no Kafka client, so that reports and tests can use it alone.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.named_records import LostRecord, Truncation

LATE_MILLISECONDS = 50.0
"""A send that runs later than this was held up by the probe's own machine."""


def is_short_of_cpu(late: int, sends: int) -> bool:
    """Tell whether a probe was short of CPU: more than one send in a hundred was late.

    Over these sends the p99 of its lateness is then above `LATE_MILLISECONDS`.
    """
    return 100 * late > sends


STALE_SECONDS = 15.0
"""The controller and the groups are asked aside; an older answer says nothing about now."""

Bin = Annotated[int, Field(ge=0, le=64 * 64)]
"""Index of a bin; the last lies beyond every latency, which is a power of the index."""

ZoneName = Annotated[str, Field(max_length=255)]
"""The host of the inventory from which a probe measured; empty for the control node."""

Histogram = dict[Bin, int]
"""Bin index to count; `measurements.histogram` says which milliseconds a bin stands for."""


class Counts(BaseModel):
    """The records of one second, or of one phase, by what became of them.

    A slot of the open-loop schedule is either rejected (the client's queue refused it) or
    accepted; an accepted record is acked, indeterminate (any delivery error: it may be in the log)
    or still pending. Consumed are those that the reader got at least once.
    """

    model_config = ConfigDict(frozen=True)

    scheduled: int = 0
    rejected: int = 0
    acked: int = 0
    indeterminate: int = 0
    consumed: int = 0
    """Accepted records that the reader got at least once, each counted once."""
    duplicates: int = 0
    """Extra readings of records already consumed."""
    lost: int = 0
    """Acked records whose offset the reader passed without seeing them, confirmed by a second."""
    not_yet_consumed: int = 0
    """Acked records not consumed yet: neither lost nor safe."""
    reordered: int = 0
    """Records consumed after one of the same partition and session that was sent later."""

    @property
    def pending(self) -> int:
        """Return the accepted records about which nothing is known yet."""
        return self.scheduled - self.rejected - self.acked - self.indeterminate


class Bucket(Counts):
    """One second of scheduled time within one phase."""

    second: int
    """Whole seconds since the probe's first record."""
    elapsed: float
    """The bucket's start: `time.monotonic()` in the probe's messages, seconds since the run
    started in a journal."""
    phase: str
    group: Exposure = Exposure.ALL
    zone: ZoneName = ""
    ack: Histogram = {}
    end_to_end: Histogram = {}
    ack_censored: Histogram = {}
    """How long records have waited for an ack that did not come (yet): their latency is more."""
    end_to_end_censored: Histogram = {}
    """How long acked records have waited to be consumed, in vain so far."""


class Totals(Counts):
    """One phase of the ledger after the drain."""

    ack: Histogram = {}
    end_to_end: Histogram = {}
    ack_censored: Histogram = {}
    end_to_end_censored: Histogram = {}
    lost_records: list[LostRecord] = []
    """The first hundred."""


class Outage(BaseModel):
    """The longest time for which one partition gave no ack while records were due.

    Times as `elapsed` in Bucket: from the scheduled instant of the first record that had to
    wait to the next ack; `end` is null where none came.
    """

    model_config = ConfigDict(frozen=True)

    partition: int
    group: Exposure = Exposure.ALL
    zone: ZoneName = ""
    start: float
    end: float | None = None


class Anomalies(BaseModel):
    """What no record of a phase can answer for, counted over the whole run."""

    model_config = ConfigDict(frozen=True)

    corrupt: int = 0
    """Records of this run whose checksum does not fit."""
    phantom: int = 0
    """Records with this run's header that were never sent."""
    foreign: int = 0
    """Records in the probe's topic that are not of this run."""
    overwritten: int = 0
    """Lost records at whose acked offset another record was read."""
    truncated: int = 0
    """Lost records above whose offset the log ends."""
    vanished: int = 0
    """Lost records of other kinds: the log holds nothing of them."""
    trimmed: int = 0
    """Acked records that retention removed before they were read: neither lost nor safe."""
    reader_missed: int = 0
    """Records that the reader passed and a second reader found: the client's fault."""
    withdrawn: int = 0
    """Records that were consumed, and then cut off the log: the next consumer gets none of them.
    They are not in `lost`."""
    rebuilt_readers: int = 0
    """Readers that were replaced: they stood still where another client found records, or their
    place was not in the log any more."""
    rebuilt_producers: int = 0
    """Producers that got no ack from a leader that answers others, and were replaced."""
    truncations: list[Truncation] = []
    """The first hundred."""


class AskedAside(BaseModel):
    """An answer that is not as new as the metadata beside it."""

    model_config = ConfigDict(frozen=True)

    age: float
    """Seconds since it was asked for."""

    @property
    def is_fresh(self) -> bool:
        """Tell whether this says something about now."""
        return self.age <= STALE_SECONDS


class ControllerHealth(AskedAside):
    """Whether the active controller answered a request that only it can answer."""

    active: bool
    milliseconds: float
    """How long the round trip, or the waiting in vain, took."""
    reason: str = ""
    """Why it counts as absent."""


GroupStatus = Literal["OK", "WARN", "STALL", "STOP", "REWIND"]
"""How a consumer group gets on with a partition, from good to bad, by Burrow's rules:
`chaos_runner.kafka.consumer_groups.group_status` says what each means."""
GROUP_STATUSES: tuple[GroupStatus, ...] = get_args(GroupStatus)
"""From good to bad: the limit of `group_status` is a place in it."""


class GroupHealth(AskedAside):
    """How one consumer group gets on; `status` is the worst of its partitions."""

    status: GroupStatus
    lag: int
    """Records between its commits and the ends of the logs, over the partitions it committed on."""
    behind: dict[str, GroupStatus] = {}
    """`topic-partition` to its status, where that is not OK; the first twenty."""


class Health(BaseModel):
    """The cluster's health from one metadata answer; `elapsed` as in Bucket.

    Counts are over all topics of the cluster. Fields with a default are missing where an
    answer does not tell them.
    """

    model_config = ConfigDict(frozen=True)

    elapsed: float
    brokers: int
    broker_ids: list[int] = []
    """The live brokers."""
    answered_by: int | None = None
    """The broker whose view this is, where the client library tells."""
    under_replicated: int
    under_min_isr: int | None = None
    """Partitions with fewer replicas in sync than `acks=all` needs; null where it is unknown."""
    offline: int
    not_preferred: int
    leader_moves: int = 0
    """Partitions that another broker leads than in the answer before."""
    isr_shrinks: int = 0
    """Partitions that lost a replica in sync since the answer before."""
    isr_expands: int = 0
    """Partitions that gained one."""
    leaders: dict[str, int] = {}
    """Probe partition to its leader's broker id; -1 where there is none."""
    controller: ControllerHealth | None = None
    """The newest round trip to the active controller; null as long as there was none."""
    groups: dict[str, GroupHealth] = {}
    """The consumer groups that the user named, as far as they have ever answered."""
    unanswered_groups: list[str] = []
    """Those that have not."""
    answered: bool = True
    """False when no metadata answer came within the limit: the numbers are then the last known,
    but for those of the controller and the groups, and the changes, which are none."""
    tick_lag: float = 0.0
    """The most by which the probe itself ran late since the answer before, in milliseconds."""
    sends: int = 0
    """Records that came due since the answer before."""
    zone: ZoneName = ""
    """From where it was asked."""
    partial: str = ""
    """Why topics of others may be missing in the counts of partitions, or nothing."""
    late_sends: int = 0
    """Those of them that the probe itself handled more than `LATE_MILLISECONDS` late."""

    def sharing(self, before: Health) -> Health:
        """Return the same, with all that is equal in an earlier answer held once for both."""
        values = {
            name: earlier if value == (earlier := getattr(before, name)) else value
            for name, value in self
        }
        told, known = self.model_fields_set, before.model_fields_set
        return Health.model_construct(known if told == known else told, **values)

    @property
    def silent_groups(self) -> list[str]:
        """Return the named groups of which this does not say how they are now."""
        stale = [name for name, group in self.groups.items() if not group.is_fresh]
        return sorted([*stale, *self.unanswered_groups])
