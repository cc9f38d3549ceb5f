"""An experiment: what a user writes, one YAML file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from chaos_runner.analysis.times import IN_A_ROW
from chaos_runner.experiment.allowance import Allowance
from chaos_runner.experiment.course import Course
from chaos_runner.experiment.producer_load import LoadOptions
from chaos_runner.experiment.settings import KafkaSettings, Phases, ProbeOptions
from chaos_runner.experiment.steady_state import Safeguard, SteadyState
from chaos_runner.experiment.targets import Targets
from chaos_runner.extensions import refuse_unusable
from chaos_runner.faults import ClusterFault, FaultKind
from chaos_runner.faults.registry import fault_kinds, registry
from chaos_runner.faults.values import Matching
from chaos_runner.units import Duration, Percentage, Within, format_duration, found
from chaos_runner.verdict.registry import tolerances
from chaos_runner.yaml_input.written_model import WrittenModel

SHORTEST_LEASE = 5
"""Seconds; with less, a slow answer of the network would end the fault."""
LONGEST_LEASE = 300
"""Seconds; for so long a dead control node may leave a fault on a host."""
LEASE_PER_HOST = 0.25
"""Seconds of lease for each host of a run: this machine, which renews each lease three times in
its length, spends some hundredths of a second on each renewal."""


def _one_printable_line(text: str) -> str:
    if text.strip() and text.isprintable():
        return text
    raise ValueError(f"found {found(text)}; allowed is one line of printable text")


def _whole_seconds(seconds: float) -> float:
    if seconds == int(seconds):
        return seconds
    raise ValueError(f"found `{format_duration(seconds)}`; allowed are whole seconds")


Line = Annotated[str, Field(max_length=200), AfterValidator(_one_printable_line)]
Tag = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}", "a tag of letters, digits and `_ . : -`", "payments"
    ),
]


_KINDS = fault_kinds()

if TYPE_CHECKING:

    class _FaultChoice(WrittenModel):
        """Each fault kind as a key of its own, of which an entry uses one."""

else:
    _FaultChoice = create_model(
        "_FaultChoice",
        __base__=WrittenModel,
        **{
            name: (kind | None, Field(default=None, description=kind.title()))
            for name, kind in _KINDS.items()
        },
    )


class FaultEntry(Course, _FaultChoice):
    """One fault: its kind with its options, its targets, and when it is put on for how long."""

    targets: Targets = Targets(group="kafka_broker", count=1)
    """Which hosts get the fault; by default one of the group `kafka_broker`."""

    @model_validator(mode="before")
    @classmethod
    def _usable_kind(cls, value: object) -> object:
        """Say of a kind that an installed package brings, and that does not load, why that is."""
        refuse_unusable(value, registry().unusable)
        return value

    @field_validator(*_KINDS, mode="before")
    @classmethod
    def _one_kind(cls, value: object, info: ValidationInfo) -> object:
        """Read a kind without options (`network_partition:`) as one with all its defaults."""
        others = [kind for kind in _KINDS if info.data.get(kind) is not None]
        if others:
            raise ValueError(
                f"stands beside `{others[0]}`; allowed is one fault kind in each entry"
            )
        return {} if value is None else value

    @model_validator(mode="after")
    def _some_kind(self) -> FaultEntry:
        if any(getattr(self, kind) is not None for kind in _KINDS):
            return self
        raise ValueError(f"found no fault; allowed is one of {', '.join(_KINDS)}")

    @model_validator(mode="after")
    def _targets_mean_something(self) -> FaultEntry:
        options = self.options
        of_nobody = isinstance(options, ClusterFault) and not options.of_brokers
        if of_nobody and self.targets != type(self).model_fields["targets"].default:
            raise ValueError(f"found `targets`; {options.kind} concerns the cluster, and no host")
        return self

    @model_validator(mode="after")
    def _lasts_long_enough(self) -> FaultEntry:
        longest, lasts = self.duration.most, self.options.lasts()
        if longest > lasts:
            raise ValueError(
                f"found a duration of {format_duration(longest)}; with these options "
                f"{self.options.kind} is over by itself after {format_duration(int(lasts))}"
            )
        return self

    @property
    def options(self) -> FaultKind:
        """Return the one fault kind with its options."""
        chosen = (getattr(self, kind) for kind in _KINDS)
        return next(options for options in chosen if isinstance(options, FaultKind))


class Experiment(WrittenModel):
    """One experiment: what is normal, which faults hit whom, and for how long."""

    title: Line
    """What is believed, in one line: `A slow broker loses nothing`."""
    description: str = Field(default="", max_length=10_000)
    """Why it matters, what is expected, where to look."""
    owner: Line | None = None
    """Who answers for this experiment."""
    tags: list[Tag] = Field(default=[], max_length=50)
    """Words to find it again."""
    steady_state: SteadyState = SteadyState()
    """What normal is: judged before, during and after the faults."""
    faults: list[FaultEntry] = Field(min_length=1, max_length=20)
    """Each entry is one fault kind with its options, its targets and its times."""
    safeguards: list[Safeguard] = Field(default=[], max_length=20)
    """Conditions that end the faults early."""
    lease: Annotated[
        Duration,
        Within(float(SHORTEST_LEASE), float(LONGEST_LEASE), format_duration),
        AfterValidator(_whole_seconds),
    ] = 20.0
    """How long a host keeps a fault without hearing from the control node: 5s to 5m."""
    max_unreachable: Percentage | None = None
    """The share of the hosts to choose from that may be silent at preflight, such as `2%`: they are
    left out, and reported; with more of them the run is refused. By default a silent host is passed
    over where `count` or `percent` draws among others, and refuses the run where all are meant."""
    allow: Allowance = Allowance()
    """What of others the faults may hurt; anything else is refused before a host is touched."""
    kafka: KafkaSettings = KafkaSettings()
    """How clients reach Kafka; by default worked out from the inventory."""
    probe: ProbeOptions = ProbeOptions()
    """What the probe sends."""
    load: LoadOptions | None = None
    """A load beside the probe, by Kafka's own producer-perf-test; by default none."""
    phases: Phases = Phases()
    """How long the phases of a run are."""

    @field_validator("safeguards")
    @classmethod
    def _safeguards_can_trip(
        cls, safeguards: list[Safeguard], info: ValidationInfo
    ) -> list[Safeguard]:
        durations = [entry.duration.least for entry in info.data.get("faults", [])]
        longest = max(durations, default=math.inf)
        for number, safeguard in enumerate(safeguards):
            if safeguard.hold >= longest:
                raise ValueError(
                    f"found a hold of `{format_duration(safeguard.hold)}` in safeguard "
                    f"{number + 1}; "
                    f"allowed is less than the longest fault, `{format_duration(longest)}`"
                )
        return safeguards

    @model_validator(mode="after")
    def _alerts_can_be_judged(self) -> Experiment:
        longest = max((entry.duration.least for entry in self.faults), default=math.inf)
        for each in self.steady_state.checks or ():
            limit = each.check.notice_within
            if limit is not None and limit > longest:
                raise ValueError(
                    f"found an alert that must fire within `{format_duration(limit)}`; allowed is "
                    f"at most the longest fault, `{format_duration(longest)}`"
                )
        return self

    @model_validator(mode="after")
    def _load_lasts(self) -> Experiment:
        longest = max((entry.duration.most for entry in self.faults), default=0.0)
        needed = self.phases.before + longest + self.phases.after
        if self.load is not None and self.load.duration <= needed:
            raise ValueError(
                f"found a load of at most `{format_duration(self.load.duration)}`; allowed is more "
                f"than `{format_duration(needed)}`, the phases before, during and after"
            )
        return self

    @model_validator(mode="after")
    def _groups_are_named(self) -> Experiment:
        judged = {
            name for limits in (self.steady_state, *self.safeguards) for name in limits.limits()
        }
        of_groups = sorted(name for name in judged if tolerances()[name].needs_groups)
        if of_groups and not self.kafka.groups:
            raise ValueError(
                f"found `{of_groups[0]}`, and no consumer group to judge; name them, such as "
                "`kafka: {groups: [payments]}`"
            )
        return self

    def without_faults(self, title: str, length: float) -> Experiment:
        """Return it as a run executes it that only measures, for `length` seconds."""
        phases = self.phases.model_copy(update={"before": length})
        changes = {"title": title[:200], "faults": [], "safeguards": [], "phases": phases}
        return self.model_copy(update=changes)

    @field_validator("phases")
    @classmethod
    def _recovery_can_be_seen(cls, phases: Phases, info: ValidationInfo) -> Phases:
        steady_state = info.data.get("steady_state", SteadyState())
        if steady_state.recovery is None or phases.after >= IN_A_ROW:
            return phases
        raise ValueError(
            f"found `after: {format_duration(phases.after)}` beside the tolerance `recovery`; "
            f"allowed is at least `{IN_A_ROW}s`, for recovery is {IN_A_ROW} good seconds in a row"
        )

    def lease_of_run(self, hosts: int = 1) -> int:
        """Return the whole seconds of the run's lease on so many hosts.

        It is not longer than the run's longest fault, but long enough to renew it on all hosts.
        All faults of a run share it, since one of them may have to outlast the injection of
        the others.
        """
        longest = max(entry.duration.most for entry in self.faults)
        wanted = min(int(self.lease), max(SHORTEST_LEASE, math.ceil(longest)))
        return min(LONGEST_LEASE, max(wanted, math.ceil(hosts * LEASE_PER_HOST)))
