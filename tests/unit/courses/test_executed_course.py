"""Later faults come in their turn, each ends in its time, and one roll-back ends all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from chaos_runner.errors import InjectionError, ProbeError
from chaos_runner.execution import fault_ending, later_faults
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.journal.events import FaultApplied, FaultReverted, Notice
from chaos_runner.measurements.cluster_snapshot import ClusterSnapshot
from tests.unit.courses.courses_at_work import (
    ALLOWED,
    LIMIT,
    NAMES,
    PHASES,
    AnsibleOfACourse,
    Course,
    HostsOfACourse,
    Start,
    cut,
)
from tests.unit.execution.made_up_hosts import bench_of
from tests.unit.planning.test_planner import WHOLE, planned


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that sets a course up, with a cluster that is always well again."""
    monkeypatch.setattr(later_faults, "good_again", lambda *_: True)
    monkeypatch.setattr(later_faults, "look_at_cluster", lambda *_: WHOLE)
    monkeypatch.setattr(later_faults, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(fault_ending, "RETRY_PAUSE", 0.05)
    with ExitStack() as stack:

        def begin(
            faults: str,
            hosts: HostsOfACourse | None = None,
            more: str = PHASES,
            cluster: ClusterSnapshot = WHOLE,
        ) -> Course:
            made_up = hosts or HostsOfACourse()
            bench = stack.enter_context(bench_of(tmp_path, monkeypatch, made_up))
            bench.context.plan = planned(tmp_path, faults + more, cluster=cluster)
            bench.context.ansible = cast(AnsibleChannel, AnsibleOfACourse(made_up))
            return Course(bench, made_up)

        yield begin


ONE = "hosts: kafka-1"
ALL = "group: kafka_broker"


def test_faults_come_one_after_the_other_and_each_is_off_before_the_next(start: Start) -> None:
    course = start(cut(ONE) + cut("hosts: kafka-2", start="1s") + cut(ONE, start="2s"))
    outcome = course.run()
    assert (outcome.verdict, outcome.reasons) == ("held", [])
    assert course.short == ["1 on k1", "1 off k1", "2 on k2", "2 off k2", "3 on k1", "3 off k1"]
    assert set(outcome.hosts.values()) == {"clean"}
    reverted = course.bench.of(FaultReverted)
    assert [event.fault for event in reverted] == ["kabc_1", "kabc_2", "kabc_3"]  # type: ignore[union-attr]
    applied = course.bench.of(FaultApplied)
    assert len(applied) == 3


def test_a_later_fault_joins_one_that_is_held_and_all_end_with_the_roll_back(start: Start) -> None:
    course = start(cut(ONE, duration="3s") + cut(ONE, start="1s", duration="2s"))
    assert course.run().verdict == "held"
    assert course.short == ["1 on k1", "2 on k1", "2 off k1", "1 off k1"] or course.short == [
        "1 on k1",
        "2 on k1",
        "1 off k1",  # the second came a moment later, and so ends a moment later
        "2 off k1",
    ]
    assert frozenset({"kabc_1", "kabc_2"}) in course.hosts.together


def test_batches_are_never_on_together(start: Start) -> None:
    course = start(cut(ALL, serial="1"))
    assert course.run().verdict == "held"
    assert course.short == [
        f"{number} {word} k{number}" for number in range(1, 5) for word in ("on", "off")
    ]
    assert all(len(faults) == 1 for faults in course.hosts.together)


def test_a_pause_is_kept_from_the_end_of_a_batch(start: Start) -> None:
    course = start(cut("hosts: kafka-1", serial="1", pause="2s", repeat="{times: 2, every: 2s}"))
    assert course.run().verdict == "held"
    first = next(iter(course.bench.of(FaultReverted)))
    second = course.bench.of(FaultApplied)[1]
    assert second.elapsed - first.elapsed >= 1.9


def test_a_roll_stops_where_the_steady_state_does_not_come_back(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later_faults, "good_again", lambda *_: False)
    course = start(cut(ALL, serial="1"))
    outcome = course.run()
    assert course.short == ["1 on k1", "1 off k1"]
    assert (outcome.verdict, outcome.exit_code) == ("deviated", 1)
    assert outcome.reasons == [
        "the steady state did not come back within 1 s after the fault on kafka-1; the course was "
        "stopped, 3 of its faults not put on"
    ]
    assert set(outcome.hosts.values()) == {"clean"}
    (notice,) = [event for event in course.bench.of(Notice) if event.source == "course"]  # type: ignore[union-attr]
    assert notice.reason.code == "steady_state_not_back"  # type: ignore[union-attr]


def behind() -> ClusterSnapshot:
    """Return a cluster in which kafka-1 is not in sync yet."""
    partitions = tuple(
        replace(each, in_sync=tuple(broker for broker in each.in_sync if broker != 1), leader=2)
        if 1 in each.replicas and 2 in each.replicas
        else each
        for each in WHOLE.partitions
    )
    return replace(WHOLE, partitions=partitions)


def test_a_cluster_that_is_still_behind_is_waited_for(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[ClusterSnapshot | ProbeError] = [behind(), ProbeError("nobody answers")]
    monkeypatch.setattr(
        later_faults, "look_at_cluster", lambda *_: looks.pop(0) if looks else WHOLE
    )
    monkeypatch.setattr(later_faults, "LOOK_AROUND_EVERY", 0.05)
    course = start(cut(ONE) + cut("hosts: kafka-2", start="1s"), more="phases: {recovery: 1m}\n")
    assert course.run().verdict == "held"
    assert looks == []


def test_a_cluster_that_stays_behind_gets_no_further_fault(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later_faults, "look_at_cluster", lambda *_: behind())
    course = start(cut(ONE) + cut("hosts: kafka-2", start="1s"))
    outcome = course.run()
    assert course.short == ["1 on k1", "1 off k1"]
    assert outcome.verdict == "inconclusive"
    (reason,) = outcome.reasons
    assert reason.startswith("the fault on kafka-2 was not put on: 1 topics would go offline or")
    assert reason.endswith("; the course was stopped, 1 of its faults not put on")


def test_a_part_of_the_cluster_that_is_hidden_hides_no_harm_to_the_rest(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = "the user may not describe every topic"
    now = replace(behind(), partial=hidden)
    monkeypatch.setattr(later_faults, "look_at_cluster", lambda *_: now)
    course = start(
        cut(ONE) + cut("hosts: kafka-2", start="1s"),
        more=PHASES + "allow: {unknown_blast_radius: true}\n",
        cluster=replace(WHOLE, partial=hidden),
    )
    assert course.context.plan.blast_radius.unknown == hidden
    assert "below min.insync.replicas" in course.run().reasons[0]
    assert course.short == ["1 on k1", "1 off k1"]


def led_by(broker: int) -> ClusterSnapshot:
    """Return a cluster in which another broker leads `orders-0`, and all replicas are in sync."""
    first, *others = WHOLE.partitions
    return replace(WHOLE, partitions=(replace(first, leader=broker), *others))


LEADER = cut("leader_of: orders-0", repeat="{times: 2, every: 2s}")


def test_a_part_in_kafka_that_moved_under_a_fault_is_waited_for(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [led_by(2), led_by(3)]
    monkeypatch.setattr(
        later_faults, "look_at_cluster", lambda *_: looks.pop(0) if looks else WHOLE
    )
    monkeypatch.setattr(later_faults, "LOOK_AROUND_EVERY", 0.05)
    course = start(LEADER, more="phases: {recovery: 1m}\n")
    assert course.run().verdict == "held"
    assert looks == []
    assert course.short == ["1 on k1", "1 off k1", "2 on k1", "2 off k1"]


def test_a_part_in_kafka_that_moved_for_good_gets_no_further_fault(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later_faults, "look_at_cluster", lambda *_: led_by(2))
    course = start(LEADER)
    outcome = course.run()
    assert course.short == ["1 on k1", "1 off k1"]
    assert outcome.verdict == "inconclusive"
    assert outcome.reasons == [
        "the fault on kafka-1 was not put on: the leader of orders-0 is kafka-2 by now, and was "
        "kafka-1 when the plan was made; the course was stopped, 1 of its faults not put on"
    ]


def test_a_host_that_does_not_get_free_stops_the_course(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clinging(HostsOfACourse):
        def take_back(self, host: str, which: Sequence[str]) -> RevertAnswer:
            if not course.context.course.closing.is_set():
                return RevertAnswer(ok=False, verb="revert", busy=True)
            return super().take_back(host, which)

    monkeypatch.setattr(fault_ending, "AT_WORK_PATIENCE", 0.2)
    course = start(cut(ONE) + cut(ONE, start="2s"), Clinging())
    outcome = course.run()
    assert course.short == ["1 on k1", "1 off k1"]
    assert outcome.verdict == "inconclusive"
    assert outcome.reasons[0].startswith("the fault on kafka-1 was not off within 0.2 s; ")


def test_a_safeguard_ends_the_course_and_what_is_still_to_come_never_comes(start: Start) -> None:
    course = start(cut(ONE, duration="1h") + cut("hosts: kafka-2", start="30m"))
    timer = threading.Timer(1.0, course.tripped.set)
    timer.start()
    outcome = course.run()
    timer.join()
    assert course.short == ["1 on k1", "1 off k1"]
    assert outcome.reasons == []  # the safeguard's own reason is noted where it trips
    assert outcome.hosts == {"kafka-1": "clean", "kafka-2": "clean"}


def test_a_safeguard_is_looked_at_while_a_later_fault_is_put_on(start: Start) -> None:
    began, tripped = threading.Event(), threading.Event()

    class Slow(HostsOfACourse):
        def put_on(self, host: str, fault: str) -> Mapping[str, object]:
            if fault == "kabc_2":
                began.set()
                tripped.wait(LIMIT)
            return super().put_on(host, fault)

    course = start(cut(ONE, duration="1h") + cut("hosts: kafka-2", start="1s"), Slow(), ALLOWED)

    def trip() -> None:
        began.wait(LIMIT)
        course.tripped.set()
        time.sleep(0.5)
        tripped.set()

    helper = threading.Thread(target=trip)
    helper.start()
    course.run()
    helper.join()
    # It landed late, and the roll-back took it back all the same.
    assert began.is_set()
    assert set(course.short) == {"1 on k1", "2 on k2", "1 off k1", "2 off k2"}
    assert course.hosts.on == {name: [] for name in NAMES}


def test_a_later_fault_that_does_not_take_hold_ends_the_run(start: Start) -> None:
    class Refusing(HostsOfACourse):
        def put_on(self, host: str, fault: str) -> Mapping[str, object]:
            if fault == "kabc_2":
                return {"verb": "inject", "ok": False, "error": "no such service"}
            return super().put_on(host, fault)

    both = cut(ONE, duration="1h") + cut("hosts: kafka-2", start="1s")
    course = start(both, Refusing(), ALLOWED)
    outcome = course.run()
    assert isinstance(course.bench.failure, InjectionError)
    assert "no such service" in course.bench.failure.message
    assert outcome.exit_code == InjectionError.exit_code
    assert course.short == ["1 on k1", "1 off k1"]


def test_a_host_between_two_faults_of_its_own_has_lost_none(start: Start) -> None:
    # The lease (here 5 s) of the first is over long before the second comes.
    course = start(cut(ONE, repeat="{times: 2, every: 8s}"))
    outcome = course.run()
    assert (outcome.verdict, outcome.reasons) == ("held", [])
    assert course.short == ["1 on k1", "1 off k1", "2 on k1", "2 off k1"]
