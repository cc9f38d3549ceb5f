"""What Prometheus and Alertmanager answer, and what it means."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.kinds.alerts import Alerts
from chaos_runner.checks.kinds.prometheus import Prometheus
from chaos_runner.checks.server_check import MonitoringCheck
from chaos_runner.verdict.answer import Answer
from chaos_runner.wording.checks import answer_words
from tests.unit.checks.servers import saying, serving


def vector(*values: object) -> object:
    series = [
        {"metric": {"broker": str(number)}, "value": [1.5, value]}
        for number, value in enumerate(values, start=1)
    ]
    return {"status": "success", "data": {"resultType": "vector", "result": series}}


def scalar(value: object) -> object:
    return {"status": "success", "data": {"resultType": "scalar", "result": [1.5, value]}}


def answered(said: object, check: type[MonitoringCheck], **written: object) -> Answer:
    """Return what a check makes of a document, or of bytes that are none."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    with serving(saying("200 OK", body)) as port, Cutoff(60) as cutoff:
        place = {key: f"http://127.0.0.1:{port}" for key, url in written.items() if url == "here"}
        return check.model_validate({**written, **place}).ask(cutoff, Path("/"))


@pytest.mark.parametrize(
    ("said", "bounds", "verdict", "words"),
    [
        (vector("1", "7", "3"), {"at_most": 5}, "deviated", "7 (broker=2)"),
        (vector("1", "7", "3"), {"at_most": 7}, "held", "7 (broker=2)"),
        (vector("1", "7", "3"), {"at_least": 2}, "deviated", "1 (broker=1)"),
        (vector("1", "7"), {"at_least": 0, "at_most": 5}, "deviated", "7 (broker=2)"),
        (vector("-3", "7"), {"at_least": 0, "at_most": 5}, "deviated", "-3 (broker=1)"),
        (vector("+Inf"), {"at_most": 5}, "deviated", "1e+308 (broker=1)"),
        (scalar("0.25"), {"at_most": 0.5}, "held", "0.25"),
        (vector(), {"at_most": 5}, "inconclusive", "no data"),
        (vector(), {"at_most": 5, "no_data": "held"}, "held", "no data"),
        (vector(), {"at_most": 5, "no_data": "deviated"}, "deviated", "no data"),
        (vector("NaN", "9"), {"at_most": 5}, "inconclusive", "cannot be understood"),
        (vector("many"), {"at_most": 5}, "inconclusive", "cannot be understood"),
        (vector(True), {"at_most": 5}, "inconclusive", "cannot be understood"),
        (vector("1_0"), {"at_least": 5}, "inconclusive", "cannot be understood"),
        (vector("\u0661"), {"at_most": 5}, "inconclusive", "cannot be understood"),
        (scalar(10**400), {"at_most": 5}, "inconclusive", "cannot be understood"),
        ({"status": "error"}, {"at_most": 5}, "inconclusive", "cannot be understood"),
        ([], {"at_most": 5}, "inconclusive", "cannot be understood"),
        ({"status": "success"}, {"at_most": 5}, "inconclusive", "cannot be understood"),
        (b"<html>", {"at_most": 5}, "inconclusive", "cannot be understood"),
        (b"[" * 100_000, {"at_most": 5}, "inconclusive", "cannot be understood"),
        (b" " * (1024 * 1024 + 1), {"at_most": 5}, "inconclusive", "cannot be understood"),
    ],
)
def test_the_value_that_lies_furthest_out_counts(
    said: object, bounds: dict[str, object], verdict: str, words: str
) -> None:
    answer = answered(said, Prometheus, url="here", query="up", **bounds)
    assert (answer.verdict, answer_words(answer).split(": ")[0]) == (verdict, words)
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


def of_rules(*alerts: tuple[str, str, str]) -> object:
    found = [
        {"labels": {"alertname": name, "severity": severity}, "state": state, "value": "1"}
        for name, severity, state in alerts
    ]
    return {"status": "success", "data": {"alerts": found}}


def of_manager(*alerts: tuple[str, str, str]) -> object:
    return [
        {"labels": {"alertname": name, "severity": severity}, "status": {"state": state}}
        for name, severity, state in alerts
    ]


@pytest.mark.parametrize(
    ("place", "said", "count"),
    [
        ("prometheus", of_rules(("Down", "page", "firing")), 1),
        ("prometheus", of_rules(("Down", "page", "pending")), 0),
        ("prometheus", of_rules(("Down", "mail", "firing")), 0),
        ("prometheus", of_rules(("Other", "page", "firing")), 0),
        ("prometheus", of_rules(), 0),
        ("alertmanager", of_manager(("Down", "page", "active")), 1),
        ("alertmanager", of_manager(("Down", "page", "suppressed")), 0),
        ("alertmanager", of_manager(("Down", "mail", "active")), 0),
        ("alertmanager", of_manager(), 0),
    ],
)
def test_an_alert_fires_by_its_name_and_labels(place: str, said: object, count: int) -> None:
    wanted = {"alert": "Down", "labels": {"severity": "page"}, place: "here"}
    unwanted = answered(said, Alerts, **wanted)
    assert (unwanted.count, unwanted.verdict) == (count, "deviated" if count else "held")
    expected = answered(said, Alerts, **wanted, must_fire_within="1m")
    assert (expected.count, expected.verdict) == (count, "held")


@pytest.mark.parametrize("said", [{}, [{}], [1], {"status": "success", "data": {"alerts": [{}]}}])
@pytest.mark.parametrize("place", ["prometheus", "alertmanager"])
def test_what_is_no_list_of_alerts_lets_nobody_see(place: str, said: object) -> None:
    answer = answered(said, Alerts, alert="Down", **{place: "here"})
    assert answer.verdict == "inconclusive"


WITHOUT_A_STORE = {"warnings": ["No StoreAPIs matched for this query: store-2 unavailable"]}
PARTIAL = {"isPartial": True}


@pytest.mark.parametrize("missing", [WITHOUT_A_STORE, PARTIAL])
def test_an_answer_that_is_not_all_there_is_does_not_hold(missing: dict[str, object]) -> None:
    def answers(said: object, **written: object) -> str:
        assert isinstance(said, dict)
        kind = Prometheus if "query" in written else Alerts
        return answered({**said, **missing}, kind, **written).verdict

    query = {"url": "here", "query": "sum(offline)", "at_most": 0}
    assert answers(vector("0"), **query) == "inconclusive"
    assert answers(vector(), **query, no_data="held") == "inconclusive"
    assert answers(vector("3"), **query) == "deviated"  # whatever the others have
    alert = {"prometheus": "here", "alert": "Down"}
    firing = of_rules(("Down", "page", "firing"))
    assert answers(of_rules(), **alert) == "inconclusive"
    assert answers(firing, **alert) == "deviated"
    assert answers(of_rules(), **alert, must_fire_within="1m") == "inconclusive"
    assert answers(firing, **alert, must_fire_within="1m") == "held"


@pytest.mark.parametrize(
    "remarks",
    [
        {"warnings": ["PromQL info: metric might not be a counter"]},
        {"infos": ["PromQL info: metric might not be a counter"]},
        {"warnings": None, "isPartial": False},
    ],
)
def test_remarks_on_a_query_leave_nothing_out(remarks: dict[str, object]) -> None:
    said = vector("0")
    assert isinstance(said, dict)
    query = {"url": "here", "query": "sum(offline)", "at_most": 0}
    assert answered({**said, **remarks}, Prometheus, **query).verdict == "held"


def rules(*named: tuple[str, str]) -> object:
    """Return groups of rules by name and health."""
    found = [{"name": name, "health": health, "lastError": health} for name, health in named]
    return {"status": "success", "data": {"groups": [{"rules": found}, {"rules": []}]}}


def with_rules(said: bytes, status: str = "200 OK", **written: object) -> str:
    """Return the verdict of a Prometheus where no alert fires, and that has these rules."""

    def answer(connection: socket.socket, request: bytes) -> None:
        of_alerts = saying("200 OK", json.dumps(of_rules()).encode())
        (saying(status, said) if b"/rules?" in request else of_alerts)(connection, request)

    with serving(answer) as port, Cutoff(60) as cutoff:
        here = f"http://127.0.0.1:{port}"
        check = Alerts.model_validate({"prometheus": here, "alert": "Down", **written})
        held = check.ask(cutoff, Path("/")).verdict
        return "inconclusive" if check.why_blind(cutoff, Path("/")) else held


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        (rules(("Down", "ok")), "held"),
        (rules(("Other", "err"), ("Down", "ok")), "held"),
        (rules(("Down", "unknown")), "held"),
        (rules(("Donw", "ok")), "inconclusive"),
        (rules(), "inconclusive"),
        (rules(("Down", "err")), "inconclusive"),
    ],
)
def test_an_alert_without_a_rule_that_works_lets_nobody_see(known: object, verdict: str) -> None:
    said = json.dumps(known).encode()
    assert with_rules(said) == verdict
    assert with_rules(said, must_fire_within="1m") == "held"  # it has to show itself
    assert with_rules(said, "404 Not Found") == "held"  # not every server has rules


@pytest.mark.parametrize("said", [b"<html>", b"[]", b'{"status": "success", "data": {}}'])
def test_a_server_that_shows_no_rules_is_believed(said: bytes) -> None:
    assert with_rules(said) == "held"
