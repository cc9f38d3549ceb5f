"""Why there is no number, or none that is certain: a name out of a fixed set, and its figures.

`chaos_runner.wording.reasons` makes the sentence.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

ReasonCode = Literal[
    # of records
    "no_record_sent",
    "none_acknowledged",
    "none_consumed",
    "none_acknowledged_yet",
    "none_consumed_yet",
    "lost",
    "duplicates",
    "may_be_acknowledged",
    "not_acknowledged",
    "not_consumed_yet",
    "not_accounted_for",
    "still_open",
    "never_acknowledged",
    "never_consumed",
    "late_acknowledged",
    "late_consumed",
    # of the probe and the cluster
    "short_of_cpu",
    "no_health_answer",
    "no_group_answer",
    "min_isr_unknown",
    "controller_not_asked",
    "did_not_answer",
    "topics_hidden",
    # of a time
    "no_control_group",
    "no_normal",
    "no_verified_roll_back",
    "nothing_bad",
    "not_good_at_end_of_run",
    "not_good_at_end_of_fault",
    "few_good_at_end_of_run",
    "few_good_at_end_of_fault",
    "no_outages_measured",
    "no_outage",
    "outage_of_partition",
    "outage_not_over",
    "longer_outage_before",
    "metadata_showed_nothing",
    "metadata_showed",
    "cluster_did_not_answer",
    "no_leader_moved",
    "no_leader_at_end",
    "below_min_isr_at_end",
    "all_the_time",
    "not_yet",
]


class Reason(BaseModel):
    """One reason: `code` says which figures it has."""

    model_config = ConfigDict(frozen=True)

    code: ReasonCode
    count: int = 0
    """Records, answers or seconds that it is about."""
    of: int = 0
    """All of them."""
    names: list[str] = []
    """Whom it is about: consumer groups."""
    partition: int | None = None
    counts: dict[str, int] = {}
    """Of `metadata_showed`: partitions `offline`, `under_min_isr` and `under_replicated`, and
    `brokers_missing`, each beyond what was so before."""
    detail: str = ""
    """What the cluster said, in its own words."""
