"""The expansion of a course: exact times, the same for the same seed, within what is written."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.planning.timeline.course import PlannedOccurrence, course_of
from tests.unit.planning.test_planner import planned

HOSTS = ["kafka-1", "kafka-2", "kafka-3"]


def course(
    directory: Path, *entries: str, hosts: list[str] = HOSTS
) -> tuple[PlannedOccurrence, ...]:
    file = directory / "e.yml"
    faults = "".join(f"  - {{network_partition: , {entry}}}\n" for entry in entries)
    file.write_text(f"title: t\nfaults:\n{faults}")
    return course_of(load_experiment(file), [hosts] * len(entries))


def times(found: tuple[PlannedOccurrence, ...]) -> list[tuple[float, float]]:
    return [(each.start, each.end) for each in found]


def test_faults_without_a_start_are_on_together(tmp_path: Path) -> None:
    found = course(tmp_path, "duration: 10s", "duration: 20s")
    assert times(found) == [(0, 10), (0, 20)]
    assert [each.place.entry for each in found] == [0, 1]
    assert {each.targets for each in found} == {tuple(HOSTS)}


def test_faults_come_in_the_order_of_their_starts(tmp_path: Path) -> None:
    found = course(tmp_path, "start: 20s, duration: 5s", "duration: 10s")
    assert [(each.place.entry, each.start) for each in found] == [(1, 0), (0, 20)]


def test_batches_follow_each_other_with_a_pause(tmp_path: Path) -> None:
    found = course(tmp_path, "serial: 1, pause: 10s, duration: 30s, start: 5s")
    assert [each.targets for each in found] == [(host,) for host in HOSTS]
    assert times(found) == [(5, 35), (45, 75), (85, 115)]
    assert [each.place.pause for each in found] == [None, 10, 10]
    assert [(each.place.batch, each.place.batches) for each in found] == [(1, 3), (2, 3), (3, 3)]


def test_the_last_batch_takes_what_is_left(tmp_path: Path) -> None:
    found = course(tmp_path, "serial: 2, duration: 30s")
    assert [each.targets for each in found] == [("kafka-1", "kafka-2"), ("kafka-3",)]
    assert times(found) == [(0, 30), (30, 60)]


def test_a_fault_comes_again_from_begin_to_begin(tmp_path: Path) -> None:
    found = course(tmp_path, "duration: 10s, repeat: {times: 3, every: 60s}")
    assert times(found) == [(0, 10), (60, 70), (120, 130)]
    assert [each.place.repetition for each in found] == [1, 2, 3]
    assert [each.place.pause for each in found] == [None, None, None]


def test_batches_come_again_once_all_of_them_are_over(tmp_path: Path) -> None:
    found = course(tmp_path, "serial: 2, duration: 10s, pause: 5s, repeat: {times: 2, every: 11s}")
    assert times(found) == [(0, 10), (15, 25), (30, 40), (45, 55)]
    assert [each.place.pause for each in found] == [None, 5, 5, 5]


RANDOM = (
    "start: 5s to 60s, duration: 2s to 9s, repeat: {times: 15, every: 10s to 30s}, seed: {seed}"
)


def test_the_same_seed_makes_the_same_course_and_another_seed_another(tmp_path: Path) -> None:
    first, same, other = (
        times(course(tmp_path, RANDOM.replace("{seed}", seed))) for seed in ("1", "1", "2")
    )
    assert first == same
    assert first != other


def test_what_is_drawn_stays_within_its_bounds(tmp_path: Path) -> None:
    for seed in range(20):
        found = times(course(tmp_path, RANDOM.replace("{seed}", str(seed))))
        assert 5 <= found[0][0] <= 60
        assert all(2 <= round(end - start, 3) <= 9 for start, end in found)
        gaps = [round(later[0] - first[0], 3) for first, later in pairwise(found)]
        assert all(10 <= gap <= 30 for gap in gaps)
        assert len(set(gaps)) > 1


def test_two_entries_with_the_same_bounds_and_seed_are_drawn_apart(tmp_path: Path) -> None:
    entries = [RANDOM.replace("{seed}", "1")] * 2
    found = course(tmp_path, *entries)
    starts = [[each.start for each in found if each.place.entry == entry] for entry in (0, 1)]
    assert starts[0] != starts[1]


def test_a_course_that_no_journal_could_tell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="210 times in all; 200 is the most"):
        course(tmp_path, *["repeat: {times: 30, every: 60s}"] * 7)
    with pytest.raises(RefusedError, match="60 times on one host; 30 is the most"):
        course(tmp_path, *["repeat: {times: 30, every: 60s}"] * 2)
    many = [f"k{number}" for number in range(50)]
    with pytest.raises(RefusedError, match="1050 times on hosts; 1000 is the most"):
        course(tmp_path, "repeat: {times: 21, every: 60s}", hosts=many)


def test_names_of_many_faults_have_the_order_of_their_numbers(tmp_path: Path) -> None:
    again = "repeat: {times: 12, every: 1m}"
    one = f"  - network_partition:\n    targets: {{hosts: kafka-1}}\n    {again}\n"
    names = [fault.fault for fault in planned(tmp_path, one).faults]
    assert (names[0], names[-1]) == ("kabc_01", "kabc_12")
    assert names == sorted(names)


DELAY = "  - network_latency: {{delay: 80ms}}\n    targets: {{hosts: kafka-1}}\n    {}\n"
CUT = "  - network_partition:\n    targets: {{group: kafka_broker}}\n    {}\n"


def test_one_thing_of_a_host_may_be_taken_twice_one_after_the_other(tmp_path: Path) -> None:
    first, second = DELAY.format("duration: 20s"), DELAY.format("start: 20s")
    planned(tmp_path, first + second).refuse_if_unsafe()
    planned(tmp_path, DELAY.format("repeat: {times: 3, every: 60s}")).refuse_if_unsafe()


def test_one_thing_of_a_host_is_not_taken_twice_at_one_time(tmp_path: Path) -> None:
    first, second = DELAY.format("duration: 20s"), DELAY.format("start: 19s")
    with pytest.raises(RefusedError, match="kafka-1: gets network_latency twice at one time"):
        planned(tmp_path, first + second).refuse_if_unsafe()


@pytest.mark.parametrize("kind", ["host_reboot", "host_panic"])
def test_a_host_that_restarts_has_no_other_fault_meanwhile(tmp_path: Path, kind: str) -> None:
    down = f"  - {kind}: {{{{}}}}\n    targets: {{{{hosts: kafka-1}}}}\n    {{}}\n"
    later, meanwhile = DELAY.format("start: 60s"), DELAY.format("start: 59s")
    for entries in (
        down.format("duration: 60s") + meanwhile,
        meanwhile + down.format("start: 65s"),
    ):
        with pytest.raises(RefusedError, match=f"gets {kind} while it has network_latency"):
            planned(tmp_path, entries).refuse_if_unsafe()
    planned(tmp_path, down.format("duration: 60s") + later).refuse_if_unsafe()
    elsewhere = DELAY.format("duration: 60s").replace("kafka-1", "kafka-2")
    planned(tmp_path, down.format("duration: 60s") + elsewhere).refuse_if_unsafe()


def test_each_occurrence_is_a_planned_fault_with_lease_cap_and_commands_of_its_own(
    tmp_path: Path,
) -> None:
    plan = planned(tmp_path, CUT.format("serial: 2\n    duration: 40s\n    pause: 5s"))
    first, second = plan.faults
    assert (first.fault, second.fault) == ("kabc_1", "kabc_2")
    assert (first.targets, second.targets) == (["kafka-1", "kafka-2"], ["kafka-3", "kafka-4"])
    assert (first.start, second.start) == (0, 45)
    assert set(second.commands) == set(second.fail_safes) == {"kafka-3", "kafka-4"}
    assert any("kabc_2" in line for line in second.commands["kafka-3"])
    # A later fault does not wait for others while it is on, so its cap is counted from itself.
    assert first.cap == second.cap
    assert plan.targets == ("kafka-1", "kafka-2", "kafka-3", "kafka-4")
    assert plan.untouched == ()


def test_brokers_that_are_down_one_after_the_other_do_not_add_up(tmp_path: Path) -> None:
    together = planned(tmp_path, CUT.format("duration: 40s"))
    with pytest.raises(RefusedError, match="topics would go offline"):
        together.refuse_if_unsafe()
    planned(tmp_path, CUT.format("serial: 1")).refuse_if_unsafe()
    with pytest.raises(RefusedError, match="topics would go offline or below"):
        planned(tmp_path, CUT.format("serial: 2")).refuse_if_unsafe()


def test_brokers_whose_times_overlap_add_up(tmp_path: Path) -> None:
    one = "  - network_partition:\n    targets: {{hosts: kafka-{}}}\n    start: {}\n"
    planned(tmp_path, one.format(1, "0s") + one.format(2, "30s")).refuse_if_unsafe()
    with pytest.raises(RefusedError, match="offline or below"):
        planned(tmp_path, one.format(1, "0s") + one.format(2, "29s")).refuse_if_unsafe()
