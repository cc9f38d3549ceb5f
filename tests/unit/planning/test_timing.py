"""Leases grow with the fleet, and hard caps with what may be waited for."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.experiment.load import load_experiment
from chaos_runner.experiment.models import LONGEST_LEASE, Experiment
from chaos_runner.planning.timeline.course import course_of
from chaos_runner.planning.timeline.timing import LONGEST_CAP, Timing, injection_limit, timings_of

STOP = "  - service_stop: {service: kafka}\n    duration: 60s\n"
CUT = "  - network_partition:\n    duration: 60s\n"


def experiment(directory: Path, faults: str) -> Experiment:
    file = directory / "e.yml"
    file.write_text(f"title: t\nfaults:\n{faults}")
    return load_experiment(file)


def timings(read: Experiment, targets: list[list[str]], *, renewed: bool = True) -> list[Timing]:
    return timings_of(read, course_of(read, targets), renewed=renewed)


def hosts(number: int) -> list[str]:
    return [f"k{each}" for each in range(number)]


def test_a_stop_of_two_minutes_leaves_its_whole_duration_before_the_cap(tmp_path: Path) -> None:
    (timing,) = timings(experiment(tmp_path, STOP), [hosts(3)])
    assert injection_limit("service_stop", 3) > 120
    assert timing.cap >= injection_limit("service_stop", 3) + 60 + timing.lease


def test_the_first_fault_waits_for_those_after_it(tmp_path: Path) -> None:
    first, last = timings(experiment(tmp_path, CUT + STOP), [hosts(1), hosts(1)])
    assert first.cap - last.cap == injection_limit("network_partition", 1)
    assert first.lease == last.lease


def test_a_large_fleet_gets_a_lease_in_which_all_of_it_can_be_renewed(tmp_path: Path) -> None:
    read = experiment(tmp_path, CUT)
    few, many, most = (timings(read, [hosts(n)])[0] for n in (4, 200, 5000))
    assert few.lease == 20
    assert many.lease == 50
    assert most.lease == LONGEST_LEASE
    assert few.cap < many.cap < most.cap


def test_a_lease_that_nobody_renews_is_longer_than_the_fault(tmp_path: Path) -> None:
    (timing,) = timings(experiment(tmp_path, CUT), [hosts(1)], renewed=False)
    assert timing.lease > 60


def test_no_cap_is_longer_than_a_host_takes(tmp_path: Path) -> None:
    read = experiment(tmp_path, CUT.replace("60s", "24h") * 20)
    assert max(timing.cap for timing in timings(read, [hosts(900)] * 20)) == LONGEST_CAP
