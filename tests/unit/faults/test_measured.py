"""What was measured of faults: the table of it, and numbers with their interval."""

from __future__ import annotations

from chaos_runner.faults.pages.measured import Measured, read_measured, releases_of, table_of
from chaos_runner.faults.registry import own_kinds
from tests.integration.measured.words import mean, share


def measured(**more: object) -> Measured:
    known = {
        "kind": "network_loss",
        "written": "network_loss: {loss: 10%}",
        "host": "VM",
        "system": "Debian 12, systemd 252, Linux 6.1",
        "before": "lost 0.0 %",
        "during": "lost 9.8 %",
        "after": "lost 0.0 %",
        "seconds_on": 1.26,
        "seconds_off": 0.5,
        "clean": True,
    }
    return Measured.model_validate({**known, **more})


def test_a_row_has_the_fault_the_effect_the_times_and_whether_it_was_clean() -> None:
    *_, row = table_of([measured()])
    assert row == (
        "| `network_loss: {loss: 10%}` | VM, Debian 12 | lost 0.0 % | lost 9.8 % | 1.3 s, 0.5 s "
        "| yes |"
    )
    *_, dirty = table_of([measured(clean=False)])
    assert dirty.endswith("| no |")


def test_a_role_names_the_releases_on_which_its_kinds_came_off_clean() -> None:
    newer = measured(system="Debian 13, systemd 257, Linux 6.12")
    dirty = measured(system="Debian 11, systemd 247, Linux 5.10", clean=False)
    assert releases_of(["network_loss"], [newer, dirty]) == ["bookworm", "trixie"]
    assert releases_of(["network_latency"], [newer]) == ["bookworm"]


def test_nothing_measured_is_no_table() -> None:
    assert list(table_of([])) == []


def test_a_later_measurement_takes_the_place_of_one_of_the_same_fault_host_and_release() -> None:
    assert measured().place == measured(during="lost 10.1 %", system="Debian 12, Linux 6.2").place
    assert measured().place != measured(host="container").place
    assert measured().place != measured(system="Debian 13, Linux 6.12").place


def test_what_is_kept_was_clean_and_is_of_kinds_that_are_there() -> None:
    kinds = {kind.kind for kind in own_kinds()}
    kept = read_measured()
    assert {each.kind for each in kept} <= kinds
    assert [each.written for each in kept if not each.clean] == []
    assert len({each.place for each in kept}) == len(kept)


def test_a_share_has_the_interval_of_wilson() -> None:
    assert share(10, 100) == "10.0 % of 100 (5.5 % to 17.4 %)"
    assert share(0, 20_000) == "0.0 % of 20000 (0.0 % to 0.0 %)"


def test_a_mean_has_its_interval() -> None:
    assert mean([100.0, 102.0, 98.0, 100.0], "ms") == "100.0 ms (98.4 to 101.6 ms)"
    assert mean([], "ms") == "nothing"
