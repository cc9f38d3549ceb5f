"""Runs that are on, as Prometheus reads them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chaos_runner.journal.events import RunStarted
from chaos_runner.live.outline import outline_of_start
from chaos_runner.live.run_state import RunState
from chaos_runner.live_page.metrics import LIVE_METRICS, metrics_of
from tests.collection import REPOSITORY
from tests.unit.live_page.pages import Page
from tests.unit.report import outages
from tests.unit.report.journal_writer import RUN, JournalWriter

DASHBOARD = REPOSITORY / "examples" / "grafana" / "live-runs.json"


def state_of(journal: JournalWriter) -> RunState:
    events = journal.events
    started = events[0]
    assert isinstance(started, RunStarted)
    state = RunState(outline_of_start(started))
    for event in events:
        state.fold(event)
    return state


def values(text: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {series: float(value) for series, _, value in lines}


def test_a_run_has_its_counts_states_and_latencies() -> None:
    state = state_of(outages.outage())
    text = metrics_of([state])
    found = values(text)
    assert found["chaos_runner_live_runs"] == 1
    of_run = f'experiment="{state.outline.title}",run="{RUN}"'
    produced = state.count("scheduled") - state.count("rejected")
    name = "chaos_runner_live_records_total"
    assert found[f'{name}{{{of_run},outcome="produced"}}'] == produced > 0
    assert found[f"chaos_runner_live_records_lost{{{of_run}}}"] == state.count("lost")
    hosts = {name: value for name, value in found.items() if "live_hosts{" in name}
    assert sum(hosts.values()) == len(state.hosts)
    assert f'chaos_runner_live_phase{{{of_run},phase="{state.phase}"}}' in found
    assert "# TYPE chaos_runner_live_records_total counter" in text


def test_without_a_run_there_is_their_number() -> None:
    assert values(metrics_of([])) == {"chaos_runner_live_runs": 0}


def test_metrics_are_for_those_who_may_read(tmp_path: Path) -> None:
    page = Page(tmp_path)
    assert page.client.get("/metrics").status_code == 401
    headers = {"Authorization": f"Bearer {page.tokens.read}"}
    answer = page.client.get("/metrics", headers=headers)
    assert (answer.status_code, answer.text) == (200, page.metrics())
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_the_dashboard_asks_for_metrics_that_there_are() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    known = {"chaos_runner_live_runs", *(metric.name for metric in LIVE_METRICS)}
    asked = {
        name
        for panel in panels
        for target in panel.get("targets", ())
        for name in re.findall(r"chaos_runner_\w+", target["expr"])
    }
    assert {name for name in known if "_load_" in name} < asked <= known
    places = [tuple(panel["gridPos"].values()) for panel in panels]
    assert len(places) == len(set(places))


def test_the_guide_names_every_metric() -> None:
    page = (REPOSITORY / "docs" / "guide" / "live-page.md").read_text(encoding="utf-8")
    for metric in LIVE_METRICS:
        assert f"`{metric.name}`" in page
