"""Alerts that must fire when something is broken, or must not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field, model_validator

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.http_request import UnreachableError, Url
from chaos_runner.checks.server_check import MonitoringCheck, data_in
from chaos_runner.faults.values import Matching
from chaos_runner.units import Duration, Within, format_duration, printable
from chaos_runner.verdict.answer import Answer

Name = Annotated[str, Field(min_length=1, max_length=200)]
LabelName = Annotated[
    str, Matching(r"[A-Za-z_][A-Za-z0-9_]{0,199}", "the name of a label", "severity")
]


class Alerts(MonitoringCheck):
    """Ask whether an alert fires, for your monitoring should notice.

    With `must_fire_within` it must fire so soon after the first fault is on, and is judged once,
    for the phase during; an alert that fired before already says nothing of the fault. Without
    it, it must not fire, in any phase. Prometheus has the alerts that its rules fire,
    Alertmanager those that it would notify of: one that is silenced or inhibited does not fire
    there. One that cannot be reached makes the verdict inconclusive: nobody could see. So does, of
    an alert that must not fire, a Prometheus that has no rule of that name, or whose rule fails;
    that is looked for once a minute, and at the end of each phase.
    """

    kind = "alerts"

    prometheus: Url | None = None
    """Where Prometheus is, without `/api/v1`."""
    alertmanager: Url | None = None
    """Where Alertmanager is, without `/api/v2`."""
    alert: Name
    """The name of the alert."""
    labels: dict[LabelName, Name] = Field(default={}, max_length=20)
    """Labels that it must have, with these values; it may have more."""
    must_fire_within: Annotated[Duration, Within(1.0, 86_400.0, format_duration)] | None = None
    """How soon after the first fault is on it must fire."""

    @model_validator(mode="after")
    def _one_place(self) -> Alerts:
        if (self.prometheus is None) == (self.alertmanager is None):
            raise ValueError("found no URL, or two; allowed is one of prometheus, alertmanager")
        return self

    @property
    def notice_within(self) -> float | None:
        """Return the seconds within which it must fire, or None where it must not."""
        return self.must_fire_within

    def describe(self) -> str:
        """Return the alert and what it must do: `alert BrokerDown fires within 1m`."""
        labels = ", ".join(f"{name}={value}" for name, value in self.labels.items())
        name = printable(f"{self.alert}{{{labels}}}" if labels else self.alert, 200)
        if self.must_fire_within is None:
            return f"alert {name} does not fire"
        return f"alert {name} fires within {format_duration(self.must_fire_within)}"

    def reaches(self) -> Iterator[str]:
        """Yield the URL, and whose secret goes there."""
        yield from self.reached_by(self.prometheus or self.alertmanager or "")

    def is_seen(self, answer: Answer) -> bool:
        """Tell whether an alert that must fire does."""
        return answer.count > 0

    def why_blind(self, cutoff: Cutoff, directory: Path) -> str:
        """Return why an alert that must not fire never could: its rule is missing, or fails.

        Nothing where the server has no rules to show, as not all have.
        """
        if self.prometheus is None or self.must_fire_within is not None:
            return ""
        wanted = urlencode({"type": "alert", "rule_name[]": self.alert})
        url = f"{self.prometheus.rstrip('/')}/api/v1/rules?{wanted}"
        try:
            response = self.send(url, cutoff, directory)
            if response.status != 200 or not response.complete:
                return ""
            rules = _rules_in(json.loads(response.body))
        except (UnreachableError, ValueError, TypeError, LookupError, AttributeError):
            return ""
        failures = [why for name, why in rules if name == self.alert]
        if not failures:
            return "it has no rule of that name"
        return next((f"its rule fails: {why}" for why in failures if why), "")

    def question(self) -> str:
        """Return the URL of the alerts."""
        if self.prometheus is not None:
            return f"{self.prometheus.rstrip('/')}/api/v1/alerts"
        name = self.alert.replace("\\", "\\\\").replace('"', '\\"')
        wanted = urlencode({"filter": f'alertname="{name}"'})
        return f"{(self.alertmanager or '').rstrip('/')}/api/v2/alerts?{wanted}"

    def read_answer(self, said: object) -> Answer:
        """Count the alerts of the name and the labels that fire."""
        firing = _fired_by_rules(said) if self.prometheus is not None else _notified_of(said)
        wanted = {"alertname": self.alert, **self.labels}.items()
        count = sum(wanted <= labels.items() for labels in firing)
        unwanted = self.must_fire_within is None and count > 0
        return Answer(how="alerts", verdict="deviated" if unwanted else "held", count=count)


def _rules_in(said: object) -> list[tuple[str, str]]:
    """Return the name of each rule, and why it could not be evaluated at last, or nothing."""
    return [
        (
            rule["name"],
            str(rule.get("lastError") or "it does not say why") if rule["health"] == "err" else "",
        )
        for group in data_in(said)["groups"]
        for rule in group["rules"]
    ]


def _fired_by_rules(said: object) -> Iterable[dict[str, str]]:
    return [each["labels"] for each in data_in(said)["alerts"] if each["state"] == "firing"]


def _notified_of(said: object) -> Iterable[dict[str, str]]:
    if not isinstance(said, list):
        raise ValueError("it gives no list of alerts")
    return [each["labels"] for each in said if each["status"]["state"] == "active"]
