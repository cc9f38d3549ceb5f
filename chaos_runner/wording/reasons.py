"""Why there is no number, or none that is certain, in words."""

from __future__ import annotations

from collections.abc import Callable

from chaos_runner.analysis.outages import SHORTEST
from chaos_runner.measurements.model import LATE_MILLISECONDS
from chaos_runner.measurements.reason import Reason, ReasonCode
from chaos_runner.wording.amounts import share_words


def reason_words(reason: Reason | None) -> str:
    """Write a reason as a sentence without its full stop; nothing where there is none."""
    return _WORDS[reason.code](reason) if reason is not None else ""


def _says(text: str) -> Callable[[Reason], str]:
    """Return what fills the figures of a reason into a sentence."""
    return lambda reason: text.format(
        count=reason.count, of=reason.of, partition=f"partition {reason.partition}"
    )


def _short_of_cpu(reason: Reason) -> str:
    share = share_words(100 * reason.count / reason.of) if reason.of else "an unknown share"
    return (
        f"the probe was short of CPU: {share} of its sends ran more than "
        f"{LATE_MILLISECONDS:.0f} ms late"
    )


def _did_not_answer(reason: Reason) -> str:
    who = ", ".join(reason.names) or "the cluster"
    return f"{who} did not answer {reason.count} of {reason.of} times"


def _metadata_showed(reason: Reason) -> str:
    missing = reason.counts.get("brokers_missing", 0)
    said = {
        "offline": "offline",
        "under_min_isr": "below min.insync.replicas",
        "under_replicated": "under-replicated",
        "brokers_missing": "broker missing" if missing == 1 else "brokers missing",
    }
    told = [f"{reason.counts[name]} {word}" for name, word in said.items() if name in reason.counts]
    return ", ".join(told) or "a leader moved"


_WORDS: dict[ReasonCode, Callable[[Reason], str]] = {
    "no_record_sent": _says("the probe sent no record"),
    "none_acknowledged": _says("no record was acknowledged"),
    "none_consumed": _says("no record was consumed"),
    "none_acknowledged_yet": _says("no record was acknowledged yet"),
    "none_consumed_yet": _says("no record was consumed yet"),
    "lost": _says("{count} of {of} acknowledged records are lost"),
    "duplicates": _says("{count} extra readings of {of} records"),
    "may_be_acknowledged": _says("{count} records may still be acknowledged"),
    "not_acknowledged": _says("{count} of {of} records were not acknowledged"),
    "not_consumed_yet": _says("{count} acknowledged records were not consumed yet"),
    "not_accounted_for": _says("not every record is accounted for"),
    "still_open": _says("{count} records are still open"),
    "never_acknowledged": _says("{count} records were never acknowledged"),
    "never_consumed": _says("{count} records were never consumed"),
    "late_acknowledged": _says("{count} records are not acknowledged yet"),
    "late_consumed": _says("{count} records are not consumed yet"),
    "short_of_cpu": _short_of_cpu,
    "no_health_answer": _says("the cluster gave no answer about its health"),
    "no_group_answer": _says("no consumer group of `kafka.groups` has answered"),
    "min_isr_unknown": _says("min.insync.replicas of the topics is not known"),
    "controller_not_asked": _says("the controller was not asked yet"),
    "did_not_answer": _did_not_answer,
    "topics_hidden": lambda reason: reason.detail,
    "no_control_group": _says(
        "there is no control group: every partition has a replica on a target"
    ),
    "no_normal": _says("the phase before does not tell what is normal"),
    "no_verified_roll_back": _says("no roll-back was verified"),
    "nothing_bad": _says("no second went bad while the fault was on"),
    "not_good_at_end_of_run": _says(
        "not good when the run ended; it takes {of} good seconds in a row"
    ),
    "not_good_at_end_of_fault": _says(
        "not good when the fault ended; it takes {of} good seconds in a row"
    ),
    "few_good_at_end_of_run": _says(
        "only {count} good seconds in a row when the run ended; it takes {of}"
    ),
    "few_good_at_end_of_fault": _says(
        "only {count} good seconds in a row when the fault ended; it takes {of}"
    ),
    "no_outages_measured": _says("the probe gave no account of outages"),
    "no_outage": _says(f"no partition was without an ack for {SHORTEST:g} s"),
    "outage_of_partition": _says("{partition}"),
    "outage_not_over": _says("{partition}, still without an ack when the last record was sent"),
    "longer_outage_before": _says(
        "{partition} had a longer one before the fault, and any of it since is not told"
    ),
    "metadata_showed_nothing": _says("the metadata showed nothing while the fault was on"),
    "metadata_showed": _metadata_showed,
    "cluster_did_not_answer": _says("the cluster did not answer while the fault was on"),
    "no_leader_moved": _says("no leader moved while the fault was on"),
    "no_leader_at_end": _says("a partition had no leader when the fault ended"),
    "below_min_isr_at_end": _says("a partition was below min.insync.replicas when the fault ended"),
    "all_the_time": _says("all the time"),
    "not_yet": _says("not so yet at the last answer"),
}
