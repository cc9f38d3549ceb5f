"""Count the times of an outage as the cluster's own metadata told them, second by second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from chaos_runner.analysis.moments import Moments, Time, no_time, since
from chaos_runner.measurements.model import Health
from chaos_runner.measurements.reason import Reason, ReasonCode

BASELINE_ANSWERS = 10
"""How many answers before the fault say what was normal: ten seconds."""


class ClusterTimes(BaseModel):
    """What the metadata said, and when; a time is right to about a second."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    detect: Time
    """From the first fault to the first partition under-replicated or offline, the first broker
    missing, or the first leader moved."""
    failover: Time
    """From the first fault to the last leader having moved, with none missing and no partition
    below `min.insync.replicas`, which would refuse `acks=all`, while it is on."""
    in_sync: Time
    """From the proof that every host is as before to all replicas being in sync for good."""
    preferred: Time
    """From the same to all partitions being led by their preferred broker for good."""


@dataclass(frozen=True)
class _Baseline:
    brokers: int
    under_replicated: int
    under_min_isr: int
    offline: int
    not_preferred: int
    leaders: dict[str, int]

    def writable(self, answer: Health) -> bool:
        """Tell whether no partition more than usual refuses writes, as far as that is known."""
        under_min_isr = answer.under_min_isr or 0
        return answer.offline <= self.offline and under_min_isr <= self.under_min_isr


def cluster_times(health: Sequence[Health], moments: Moments) -> ClusterTimes | None:
    """Return the times of a run; None when the cluster gave no answer before the fault."""
    answers = [answer for answer in health if answer.answered]
    before = [answer for answer in answers if answer.elapsed < moments.on]
    if not before:
        return None
    normal = _baseline(before[-BASELINE_ANSWERS:])
    after_on = [answer for answer in answers if answer.elapsed >= moments.on]
    return ClusterTimes(
        detect=_detect(after_on, normal, moments),
        failover=_failover(after_on, normal, moments),
        in_sync=_back(answers, moments, lambda answer: _in_sync(answer, normal)),
        preferred=_back(
            answers, moments, lambda answer: answer.not_preferred <= normal.not_preferred
        ),
    )


def _baseline(answers: Sequence[Health]) -> _Baseline:
    return _Baseline(
        brokers=min(answer.brokers for answer in answers),
        under_replicated=max(answer.under_replicated for answer in answers),
        under_min_isr=max(answer.under_min_isr or 0 for answer in answers),
        offline=max(answer.offline for answer in answers),
        not_preferred=max(answer.not_preferred for answer in answers),
        leaders=answers[-1].leaders,
    )


def _in_sync(answer: Health, normal: _Baseline) -> bool:
    return (
        answer.under_replicated <= normal.under_replicated
        and answer.offline <= normal.offline
        and answer.brokers >= normal.brokers
    )


def _detect(answers: Sequence[Health], normal: _Baseline, moments: Moments) -> Time:
    during = _until(answers, moments.roll_back)
    first = next(
        (
            answer
            for answer in during
            if not _in_sync(answer, normal) or answer.leaders != normal.leaders
        ),
        None,
    )
    if first is None:
        return no_time("metadata_showed_nothing")
    return Time(seconds=since(moments.on, first.elapsed), reason=_what(first, normal))


def _what(answer: Health, normal: _Baseline) -> Reason:
    beyond = {
        "offline": answer.offline - normal.offline,
        "under_min_isr": (answer.under_min_isr or 0) - normal.under_min_isr,
        "under_replicated": answer.under_replicated - normal.under_replicated,
        "brokers_missing": normal.brokers - answer.brokers,
    }
    counts = {name: number for name, number in beyond.items() if number > 0}
    return Reason(code="metadata_showed", counts=counts)


def _failover(answers: Sequence[Health], normal: _Baseline, moments: Moments) -> Time:
    during = _until(answers, moments.first_stretch_end)
    if not during:
        return no_time("cluster_did_not_answer")
    if all(answer.leaders == normal.leaders and normal.writable(answer) for answer in during):
        return no_time("no_leader_moved")
    last = during[-1]
    if lacking := _not_failed_over(last, normal):
        reason = Reason(code=lacking)
        return Time(seconds=since(moments.on, last.elapsed), censored=True, reason=reason)
    settled = _first_for_good(
        during, lambda answer: answer.leaders == last.leaders and normal.writable(answer)
    )
    return Time(seconds=since(moments.on, (settled or last).elapsed))


def _not_failed_over(last: Health, normal: _Baseline) -> ReasonCode | None:
    """Return what the cluster still lacked at the last answer; None if it served everything."""
    if last.offline > normal.offline or -1 in last.leaders.values():
        return "no_leader_at_end"
    if not normal.writable(last):
        return "below_min_isr_at_end"
    return None


def _back(answers: Sequence[Health], moments: Moments, fine: Callable[[Health], bool]) -> Time:
    if moments.verified is None:
        return no_time("no_verified_roll_back")
    after_on = [answer for answer in answers if answer.elapsed >= moments.on]
    if all(fine(answer) for answer in after_on):
        return no_time("all_the_time")
    settled = _first_for_good(after_on, fine)
    if settled is None:
        last = after_on[-1].elapsed
        return Time(
            seconds=since(moments.verified, last), censored=True, reason=Reason(code="not_yet")
        )
    return Time(seconds=since(moments.verified, settled.elapsed))


def _first_for_good(answers: Sequence[Health], fine: Callable[[Health], bool]) -> Health | None:
    """Return the first answer from which on all are fine; None when the last one is not."""
    found = None
    for answer in reversed(answers):
        if not fine(answer):
            break
        found = answer
    return found


def _until(answers: Sequence[Health], end: float | None) -> list[Health]:
    return [answer for answer in answers if end is None or answer.elapsed <= end]
