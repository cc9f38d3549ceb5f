"""What a host consents to: read strictly, judged over the whole time, refused with its contact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.clock import WEEKDAYS, open_until
from chaos_runner.fleet.consent import Consent, consent_of
from chaos_runner.fleet.diagnosis import diagnose_consent
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.preflight import Problem
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.planning.consent_check import with_consent
from chaos_runner.planning.plan import Plan
from tests.unit.planning.test_planner import planned

NOON = datetime(2027, 3, 9, 12, tzinfo=UTC)
"""A Tuesday."""
FAULTS = "  - network_partition:\n    targets: {hosts: kafka-3}\n    duration: 1m\n"


def host(consent: object) -> Host:
    return Host("k1", "192.0.2.1", variables={"chaos_consent": consent})


def plan_with(directory: Path, consent: object, on: str = "kafka-3") -> Plan:
    plan = planned(directory, FAULTS)
    hosts = dict(plan.inventory.hosts)
    hosts[on] = replace(hosts[on], variables={"chaos_consent": consent})
    return replace(plan, inventory=replace(plan.inventory, hosts=hosts))


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        ({"kinds": ["service_stop"]}, "allows no network_partition; allowed is service_stop"),
        ({"kinds": []}, "allowed is no fault"),
        ({"longest": "30s"}, "allows no network_partition of 1m; allowed is at most 30s"),
        ({"weekdays": ["mon", "wed"]}, "allowed is mon, wed 00:00-24:00 (UTC)"),
        ({"hours": ["08:00-12:00"]}, "allows no fault now"),
        ({"hours": ["08:00-12:02"]}, "or so late"),
        ({"hours": ["11:00-13:00"], "time_zone": "Europe/Vienna"}, "(Europe/Vienna)"),
    ],
)
def test_what_is_not_allowed_is_refused_with_whom_to_ask(
    consent: dict[str, object], told: str, tmp_path: Path
) -> None:
    plan = with_consent(plan_with(tmp_path, {"contact": "Payments, 17", **consent}), NOON)
    with pytest.raises(RefusedError) as error:
        plan.refuse_if_unsafe()
    assert "kafka-3: its consent " in error.value.message
    assert told in error.value.message
    assert "ask Payments, 17" in error.value.message


@pytest.mark.parametrize(
    "consent",
    [
        {},
        {"kinds": ["network_partition"], "longest": "1m", "weekdays": ["tue"]},
        {"hours": ["08:00-12:10"]},
        {"hours": ["08:00-12:01", "12:01-12:30"]},
        {"hours": ["12:00-14:00"], "time_zone": "Europe/Vienna"},
    ],
)
def test_what_is_allowed_is_not_refused(consent: dict[str, object], tmp_path: Path) -> None:
    plan = with_consent(plan_with(tmp_path, {"contact": "Payments", **consent}), NOON)
    plan.refuse_if_unsafe()


def test_a_host_that_gets_no_fault_is_not_asked(tmp_path: Path) -> None:
    plan = plan_with(tmp_path, {"contact": "Payments", "kinds": []}, on="kafka-1")
    assert with_consent(plan, NOON) == plan


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("yes", "found other text; allowed is a mapping"),
        (None, "found nothing"),
        ({"kinds": ["service_stop"]}, "contact: is missing"),
        ({"contact": "x", "kind": []}, "kind: unknown key; did you mean `kinds`?"),
        ({"contact": "x", "hours": ["9-12"]}, "hours of one day"),
        ({"contact": "x", "hours": ["22:00-02:00"]}, "over midnight write two"),
        ({"contact": "x", "weekdays": ["Monday"]}, "allowed is one of `mon`"),
        ({"contact": "x", "longest": 5}, "has no unit"),
        ({"contact": "a\x1b[2J"}, "one line of printable text"),
        ({"contact": "x", "kinds": ["{{ kinds }}"]}, "the name of a fault kind"),
    ],
)
def test_a_consent_that_cannot_be_read_allows_nothing(
    written: object, told: str, tmp_path: Path
) -> None:
    found = consent_of(host(written))
    assert isinstance(found, Problem)
    assert told in found.text
    with pytest.raises(RefusedError, match="consents to nothing"):
        with_consent(plan_with(tmp_path, written), NOON).refuse_if_unsafe()


def test_hours_go_on_over_midnight_and_end_with_the_week() -> None:
    night = ["22:00-24:00", "00:00-02:00"]
    late = datetime(2027, 3, 9, 23, tzinfo=UTC)
    assert open_until(late, WEEKDAYS, night, "UTC") == datetime(2027, 3, 10, 2, tzinfo=UTC)
    assert open_until(late, ["tue"], night, "UTC") == datetime(2027, 3, 10, tzinfo=UTC)
    assert open_until(late, ["wed"], night, "UTC") is None
    week = open_until(NOON, WEEKDAYS, ["00:00-24:00"], "UTC")
    assert week is not None
    assert (week - NOON).days >= 6


def test_hours_are_those_of_the_wall_clock_when_it_is_put_forward() -> None:
    before = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # 01:30 in Vienna, where two becomes three
    until = open_until(before, ["sun"], ["01:00-04:00"], "Europe/Vienna")
    assert until == datetime(2027, 3, 28, 2, tzinfo=UTC)


def test_the_doctor_shows_it() -> None:
    whole = {"contact": "Payments", "kinds": ["service_stop"], "longest": "5m", "weekdays": ["tue"]}
    said = diagnose_consent([host(whole), host("no"), Host("k2", "192.0.2.2")], {})
    assert [(each.state, each.where) for each in said] == [("ok", "k1"), ("problem", "k1")]
    assert said[0].text == (
        "consents to service_stop; at most 5m; tue 00:00-24:00 (UTC); contact: Payments"
    )


def test_a_group_consents_for_its_hosts_and_templates_are_worked_out(tmp_path: Path) -> None:
    source = tmp_path / "hosts.yml"
    source.write_text(
        "all:\n  children:\n    payments:\n      hosts: {k1: {}}\n"
        "      vars:\n        team: Payments\n        shop_kinds: [service_stop]\n"
        "        chaos_consent: {contact: 'the team {{ team }}', kinds: '{{ shop_kinds }}'}\n"
        "    others:\n      hosts: {k2: {}, k3: {chaos_consent: {contact: '{{ nobody }}'}}}\n"
    )
    hosts = read_inventory((source,)).hosts
    assert consent_of(hosts["k1"]) == Consent(contact="the team Payments", kinds=["service_stop"])
    assert consent_of(hosts["k2"]) is None
    unread = consent_of(hosts["k3"])
    assert isinstance(unread, Problem)
    assert "'nobody' is undefined" in unread.text
    assert not hosts["k3"].unusable
