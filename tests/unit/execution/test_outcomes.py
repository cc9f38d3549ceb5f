"""What only a whole run tells, from what the probe said."""

from __future__ import annotations

import time

from chaos_runner.execution.observations import Observations
from chaos_runner.execution.outcomes import outcomes_of
from chaos_runner.kafka.common.messages import BucketMessage, Finished
from chaos_runner.measurements.exposure import Exposure
from chaos_runner.measurements.histogram import bin_of
from chaos_runner.measurements.model import Bucket, Outage, Totals
from tests.unit.conftest import OpenJournal
from tests.unit.told import told_time

STATES = "." * 10 + "x" * 20 + "xx" + "." * 14
"""Ten seconds before, twenty during, two bad and fourteen good ones after the roll-back."""


def told(open_journal: OpenJournal, states: str = STATES) -> tuple[Observations, float]:
    """Return observations of seconds that are good or bad, and the moment of the first."""
    observations = Observations(open_journal(lambda event: None))
    start = time.monotonic() - 1000
    for second, state in enumerate(states):
        phase = "before" if second < 10 else "during" if second < 30 else "after"
        acked = 100 if state == "." else 0
        bucket = Bucket(
            second=second,
            elapsed=start + second,
            phase=phase,
            scheduled=100,
            acked=acked,
            consumed=acked,
            end_to_end={bin_of(5): acked} if acked else {},
        )
        observations.receive(BucketMessage(bucket=bucket))
    observations.phase_began = {
        "inject": start + 10,
        "roll-back": start + 29,
        "recovery": start + 30,
    }
    return observations, start


def finished(start: float, **changes: object) -> Finished:
    gap = Outage(partition=2, start=start + 10, end=start + 32.5)
    fields = {"request": 1, "complete": True, "totals": {}, "outages": [gap], **changes}
    return Finished.model_validate(fields)


def test_recovery_counts_from_the_verified_roll_back(open_journal: OpenJournal) -> None:
    observations, start = told(open_journal)
    outcomes = outcomes_of(observations, finished(start), clean=True)
    assert (outcomes.recovery.seconds, outcomes.recovery.censored) == (2, False)
    assert told_time(outcomes.outage)[:2] == (22.5, "partition 2")
    assert outcomes.control is None


def test_a_roll_back_that_is_not_proved_has_no_recovery(open_journal: OpenJournal) -> None:
    observations, start = told(open_journal)
    outcomes = outcomes_of(observations, finished(start), clean=False)
    assert outcomes.recovery.seconds is None
    assert told_time(outcomes.recovery).note == "no roll-back was verified"


def test_a_cluster_that_was_dead_before_says_not_what_recovery_is(
    open_journal: OpenJournal,
) -> None:
    observations, start = told(open_journal, "x" * 40)
    outcomes = outcomes_of(observations, finished(start), clean=True)
    assert told_time(outcomes.recovery).note == "the phase before does not tell what is normal"


def test_the_control_group_answers_from_inject_to_recovery(open_journal: OpenJournal) -> None:
    observations, start = told(open_journal)
    phases = {"before": Totals(scheduled=9), "inject": Totals(scheduled=1, acked=1)}
    groups = {Exposure.NONE: {**phases, "during": Totals(scheduled=20, acked=19)}}
    control = outcomes_of(observations, finished(start, groups=groups), clean=True).control
    assert control is not None
    assert (control.scheduled, control.acked) == (21, 20)
