"""What the outage meant to clients: the parts of a story about times and groups."""

from __future__ import annotations

from chaos_runner.analysis.cluster_times import ClusterTimes
from chaos_runner.analysis.effects import Effect
from chaos_runner.analysis.run_seconds import SecondTable
from chaos_runner.analysis.times import ClientTimes
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.model import Outage
from chaos_runner.report.story.records import Part, PhaseLedger


class GroupStory(Part):
    """What the partitions of one exposure group went through."""

    group: Exposure
    partitions: tuple[str, ...]
    before: PhaseLedger | None
    during: PhaseLedger | None
    """The time for which the fault was held."""
    lost: int
    """From the first touch of a host to the end of the recovery."""
    effect: Effect | None
    times: ClientTimes | None
    seconds: SecondTable


class ClientView(Part):
    """What the outage meant to clients, and what the cluster itself said of it."""

    baseline_p99: float | None
    """End-to-end p99 of the phase before, milliseconds; null where nothing was normal."""
    good_p99: float | None
    """The end-to-end p99 up to which a second counts as good, milliseconds."""
    times: ClientTimes | None
    """Over all partitions; null where the phase before does not tell what is normal."""
    cluster: ClusterTimes | None
    groups: tuple[GroupStory, ...]
    """Exposed partitions first, the control group last; empty where none were told apart."""
    why_no_control: str
    """Why there is no control group; empty when there is one."""
    outages: tuple[Outage, ...] | None
    """The longest of each partition since the fault, longest first; null if not measured."""
