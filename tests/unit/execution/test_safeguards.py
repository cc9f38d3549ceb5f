"""Safeguards at work in a run: they trip whatever else hangs, and before it is too late."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from chaos_runner.execution import hold_phase as holding
from chaos_runner.execution import look_around
from chaos_runner.execution import phases as execution
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.leases.heartbeat import Heartbeat
from chaos_runner.execution.observations import Observations
from chaos_runner.execution.safeguards import SafeguardWatch
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.journal.events import Event, SafeguardTripped
from chaos_runner.kafka.common.messages import BucketMessage, HealthMessage
from chaos_runner.kafka.zones.probes import LostZone, Probes
from chaos_runner.measurements.cluster_snapshot import Partition
from chaos_runner.measurements.model import Bucket, Health
from chaos_runner.wording.run_reasons import run_reason_words
from chaos_runner.wording.safeguards import condition_words, seen_words
from tests.unit.conftest import OpenJournal
from tests.unit.planning.test_planner import WHOLE, planned

FAULT = "  - network_partition:\n    targets: {{hosts: {host}}}\n    duration: {duration}\n"
HEARTBEAT = cast(Heartbeat, SimpleNamespace(vanished={}))
"""Nothing under test here renews a lease."""


class LivingProbe:
    """A stand-in for a probe that reports nothing of its own accord."""

    alive = True

    def raise_if_dead(self) -> None:
        pass

    def enter_phase(self, phase: str) -> None:
        pass

    def settle(self, limit: float) -> bool:
        return True

    def lost(self) -> list[LostZone]:
        return []


class Bench:
    """A run that never reaches a host, and the events of its journal."""

    def __init__(self, directory: Path, open_journal: OpenJournal, safeguards: str) -> None:
        faults = FAULT.format(host="kafka-1", duration="1s")
        faults += FAULT.format(host="kafka-2", duration="1h")
        phases = "phases: {before: 1s}\n"
        self.events: list[Event] = []
        self.journal = open_journal(self.events.append)
        self.observations = Observations(self.journal)
        self.context = RunContext(
            plan=planned(directory, f"{faults}{phases}safeguards:\n{safeguards}"),
            journal=self.journal,
            ansible=cast(AnsibleChannel, None),
            interruption=Interruption(),
            observations=self.observations,
            probe=cast(Probes, LivingProbe()),
        )

    def tell_offline(self, *ages: float, offline: int = 1) -> None:
        now = time.monotonic()
        for age in ages:
            health = Health(
                elapsed=now - age, brokers=3, under_replicated=0, offline=offline, not_preferred=0
            )
            self.observations.receive(HealthMessage(health=health))

    def tell_good_records(self) -> None:
        bucket = Bucket(
            second=0, elapsed=time.monotonic() - 1, phase="before", scheduled=9, acked=9, consumed=9
        )
        self.observations.receive(BucketMessage(bucket=bucket))

    @property
    def tripped(self) -> list[SafeguardTripped]:
        return [event for event in self.events if isinstance(event, SafeguardTripped)]


OFFLINE = "  - offline_partitions: 0\n    hold: 3s\n"
COMMAND = '  - command: [sh, -c, "echo orders fail; exit 4"]\n    hold: 1s\n'


@pytest.fixture
def hanging_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the end of the shorter fault hang until the test is over; the event says it began."""
    began, over = threading.Event(), threading.Event()

    def hang(*_: object) -> None:
        began.set()
        over.wait()

    monkeypatch.setattr(holding, "end_fault", hang)
    yield began
    over.set()


def test_a_guard_trips_while_a_host_does_not_let_go_of_another_fault(
    tmp_path: Path, open_journal: OpenJournal, hanging_end: threading.Event
) -> None:
    bench = Bench(tmp_path, open_journal, OFFLINE)
    with SafeguardWatch(bench.context) as safeguards:
        watching = threading.Thread(
            target=holding.hold, args=(bench.context, HEARTBEAT, safeguards), daemon=True
        )
        watching.start()
        assert hanging_end.wait(60)
        bench.tell_offline(4, 3, 2, 1, 0)
        watching.join(60)
        assert not watching.is_alive()
    (tripped,) = bench.tripped
    assert (condition_words(tripped.safeguard), seen_words(tripped.observed)) == (
        "offline_partitions at most 0 for 3s",
        "1",
    )
    assert 3.9 <= tripped.elapsed - tripped.since < 60
    assert list(map(run_reason_words, bench.context.deviations)) == [
        "safeguard offline_partitions at most 0 for 3s tripped: 1"
    ]


def test_a_command_ends_the_faults(tmp_path: Path, open_journal: OpenJournal) -> None:
    bench = Bench(tmp_path, open_journal, COMMAND)
    with SafeguardWatch(bench.context) as safeguards:
        assert holding.watch(bench.context, 60, safeguards.tripped) == "ended"
    (tripped,) = bench.tripped
    assert seen_words(tripped.observed) == "exit code 4: orders fail"
    assert tripped.elapsed - tripped.since >= 0.998  # both are rounded to milliseconds


def test_an_ending_that_fails_ends_the_faults(tmp_path: Path, open_journal: OpenJournal) -> None:
    bench = Bench(tmp_path, open_journal, OFFLINE)

    def fail() -> None:
        raise ValueError("a mistake in the code")

    bench.context.threads.begin_ending(fail)
    with pytest.raises(ValueError, match="a mistake"):
        bench.context.threads.await_endings()
    with pytest.raises(ValueError, match="a mistake"), SafeguardWatch(bench.context) as safeguards:
        holding.watch(bench.context, 60, safeguards.tripped)


def test_no_host_is_touched_when_a_guard_is_exceeded_before(
    tmp_path: Path, open_journal: OpenJournal
) -> None:
    bench = Bench(tmp_path, open_journal, OFFLINE)
    bench.tell_offline(4, 3, 2, 1, 0)
    bench.tell_good_records()
    with (
        pytest.raises(execution._EndedEarlyError),
        SafeguardWatch(bench.context) as safeguards,
    ):
        execution._judge_before(bench.context, safeguards)
    assert bench.context.verdicts == {"before": "held"}
    assert "was exceeded before (1); no host was touched" in run_reason_words(
        bench.context.inconclusive[0]
    )


def test_no_host_is_touched_when_others_have_come_into_danger(
    tmp_path: Path, open_journal: OpenJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = "allow: {quorum: true, topics: [orders]}\n"
    bench = Bench(tmp_path, open_journal, OFFLINE + allowed)
    now = [WHOLE]
    monkeypatch.setattr(look_around, "look_at_cluster", lambda *_: now[0])
    execution._look_around(bench.context)
    assert bench.context.inconclusive == []
    payments = Partition("payments", 0, 1, (1,), (1,))
    now[0] = replace(WHOLE, partitions=(*WHOLE.partitions, payments))
    with pytest.raises(execution._EndedEarlyError):
        execution._look_around(bench.context)
    assert "no host was touched: 1 topics would go offline" in run_reason_words(
        bench.context.inconclusive[0]
    )


def test_what_the_probe_may_not_see_hides_no_harm_to_what_it_sees(
    tmp_path: Path, open_journal: OpenJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = "allow: {unknown_blast_radius: true, quorum: true, topics: [orders]}\n"
    bench = Bench(tmp_path, open_journal, OFFLINE + allowed)
    assert bench.context.plan.cluster is not None
    radius = bench.context.plan.blast_radius.model_copy(update={"unknown": "groups are hidden"})
    bench.context.plan = replace(bench.context.plan, blast_radius=radius)
    payments = Partition("payments", 0, 1, (1,), (1,))
    now = replace(WHOLE, partitions=(*WHOLE.partitions, payments), partial="groups are hidden")
    monkeypatch.setattr(look_around, "look_at_cluster", lambda *_: now)
    with pytest.raises(execution._EndedEarlyError):
        execution._look_around(bench.context)


def test_a_look_costs_next_to_nothing_after_a_day(
    tmp_path: Path, open_journal: OpenJournal
) -> None:
    """Tick and look together stay far below the second in which a roll-back has to begin."""
    bench = Bench(tmp_path, open_journal, OFFLINE + "  - availability: 50%\n")
    now, day = time.monotonic(), 86_400
    bucket = Bucket(second=0, elapsed=0.0, phase="during", scheduled=100, acked=100, consumed=100)
    health = Health(elapsed=0.0, brokers=3, under_replicated=0, offline=0, not_preferred=0)
    for second in range(day):
        at = now - day + second
        bench.observations._every.series.take(
            bucket.model_construct(**{**dict(bucket), "second": second, "elapsed": at})
        )
        bench.observations._health.append(
            ("during", health.model_construct(**{**dict(health), "elapsed": at}))
        )
    with SafeguardWatch(bench.context) as safeguards:
        began = time.thread_time()
        assert not safeguards.tripped()
        cost = time.thread_time() - began
    assert holding.TICK + cost < 0.5
