"""Signs in what became of records, and in what clients went through."""

from __future__ import annotations

from collections.abc import Sequence

from chaos_runner.learning.diagnosis.observed import ObservedRun
from chaos_runner.learning.diagnosis.sign import NOT_THERE, Sign, sign, there, unknown
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.report.story.formatting import duration, many
from chaos_runner.verdict.judgement import Judgement
from chaos_runner.wording.judgements import judgement_words

_SLOW = (
    "ack_p50",
    "ack_p99",
    "ack_max",
    "end_to_end_p50",
    "end_to_end_p99",
    "end_to_end_max",
    "recovery",
)
_UNAVAILABLE = ("availability", "outage", "offline_partitions", "under_min_isr_partitions")


def _of(judgements: Sequence[Judgement]) -> Sign:
    words = ", ".join(dict.fromkeys(judgement_words(each) for each in judgements))
    return there(words) if judgements else NOT_THERE


@sign
def records_lost(run: ObservedRun) -> Sign:
    """Look whether acknowledged records are lost."""
    if run.story.ledger is None:
        return unknown("what became of the records")
    lost = run.story.ledger.total.lost
    withdrawn = run.story.ledger.anomalies.withdrawn if run.story.ledger.anomalies else 0
    if not lost and not withdrawn:
        return NOT_THERE
    return there(f"{many(lost + withdrawn, 'acknowledged record')} lost or cut off the log")


@sign
def log_cut_off(run: ObservedRun) -> Sign:
    """Look whether lost records were overwritten, or the log was truncated below them."""
    found = run.story.ledger.anomalies if run.story.ledger else None
    if found is None:
        return unknown("what the log holds in place of lost records")
    cut = found.overwritten + found.truncated + found.withdrawn
    if not cut:
        return NOT_THERE
    return there(
        f"of the lost records {found.overwritten:,} were overwritten, and {found.truncated:,} lie "
        f"beyond the end of the log; {found.withdrawn:,} were cut off after they were consumed"
    )


@sign
def unavailable(run: ObservedRun) -> Sign:
    """Look whether partitions did not acknowledge."""
    return _of(run.deviates(*_UNAVAILABLE))


@sign
def unavailable_or_slow(run: ObservedRun) -> Sign:
    """Look whether partitions did not acknowledge, or did so slowly."""
    return _of(run.deviates(*_UNAVAILABLE, *_SLOW))


@sign
def unavailable_or_lost(run: ObservedRun) -> Sign:
    """Look whether partitions did not acknowledge, or acknowledged records are lost."""
    return _of(run.deviates(*_UNAVAILABLE, "loss"))


@sign
def duplicated(run: ObservedRun) -> Sign:
    """Look whether more records were consumed twice than is tolerated."""
    return _of(run.deviates("duplicates"))


@sign
def given_up(run: ObservedRun) -> Sign:
    """Look whether the producer gave records up."""
    if run.story.ledger is None:
        return unknown("what became of the records")
    total = run.story.ledger.total
    number = total.indeterminate + total.rejected
    return there(f"{many(number, 'record')} given up by the producer") if number else NOT_THERE


@sign
def trimmed(run: ObservedRun) -> Sign:
    """Look whether retention removed records before they were consumed."""
    found = run.story.ledger.anomalies if run.story.ledger else None
    if found is None:
        return unknown("whether retention removed records")
    return (
        there(f"{many(found.trimmed, 'record')} removed by retention")
        if found.trimmed
        else (NOT_THERE)
    )


@sign
def group_behind(run: ObservedRun) -> Sign:
    """Look whether a consumer group fell behind, or stood still."""
    return _of(run.deviates("group_lag", "group_status"))


@sign
def probe_short_of_cpu(run: ObservedRun) -> Sign:
    """Look whether the probe itself ran late."""
    doubts = [
        judgement
        for phase in run.story.judgements
        for judgement in phase.judgements
        if judgement.reason is not None and judgement.reason.code == "short_of_cpu"
    ]
    return _of(doubts)


def _worse(run: ObservedRun, exposure: Exposure) -> Sign:
    group = run.group(exposure)
    if group is None:
        return unknown(f"how {exposure.partitions} fared")
    effect = group.effect
    if effect is None:
        return unknown(f"how {exposure.partitions} fared")
    which = f"{exposure.partitions} ({', '.join(group.partitions[:10])})"
    if effect.availability and effect.availability.stands_out and effect.availability.change < 0:
        return there(f"{which} acknowledged {-effect.availability.change:.3g} points less")
    if effect.latency and effect.latency.stands_out and effect.latency.change > 0:
        return there(f"{which} acknowledged more slowly than before")
    return NOT_THERE


@sign
def led_by_a_target_worse(run: ObservedRun) -> Sign:
    """Look whether partitions led by a target fared worse than the control group."""
    return _worse(run, Exposure.LEADER)


@sign
def replicated_on_a_target_worse(run: ObservedRun) -> Sign:
    """Look whether partitions replicated on a target fared worse than the control group."""
    return _worse(run, Exposure.FOLLOWER)


@sign
def control_worse(run: ObservedRun) -> Sign:
    """Look whether the control group fared worse than before the fault."""
    return _worse(run, Exposure.NONE)


def outage_seconds(run: ObservedRun) -> float | None:
    """Return the longest outage of a partition in seconds; None where there was none."""
    times = run.story.clients.times if run.story.clients else None
    return times.outage.seconds if times and times.outage.seconds else None


def near(seconds: float, setting: float, what: str) -> Sign:
    """Say whether a time is what a setting explains: from as long to half as long again."""
    if setting - 1.5 <= seconds <= 1.5 * setting + 2:
        return there(f"{duration(seconds)} fit {what} of {duration(setting)}")
    return NOT_THERE
