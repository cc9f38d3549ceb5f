"""A real Prometheus scrapes the live page, with a token that it reads from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import quote

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.http_request import Request, send
from chaos_runner.journal.events import LoadReported, LoadStarted
from chaos_runner.journal.process_lock import RUN_LOCK, hold_lock
from tests.integration.sandbox.monitoring.servers import Monitoring
from tests.live_server import LiveServer, live_server, put
from tests.unit.live_page.test_metrics import DASHBOARD
from tests.unit.report import outages
from tests.unit.report.journal_writer import RUN
from tests.waiting import wait_until


class OfThePage(Monitoring):
    """A Prometheus that scrapes a live page."""

    def __init__(self, directory: Path, page: LiveServer) -> None:
        super().__init__(directory)
        self._page = page

    def scraped(self) -> Mapping[str, object]:
        return {
            "authorization": {"credentials_file": str(self._page.token)},
            "static_configs": self.targets(self._page.url.rstrip("/")),
        }

    def value(self, expression: str) -> str:
        """Return the value of an expression with one series; empty where it has none."""
        with Cutoff(10) as cutoff:
            url = f"{self.prometheus}/api/v1/query?query={quote(expression)}"
            found = json.loads(send(Request(url), cutoff).body)["data"]["result"]
        return str(found[0]["value"][1]) if found else ""

    def knows(self, expression: str) -> bool:
        """Tell whether an expression has a value."""
        return self.value(expression) != ""


@contextmanager
def run_that_is_on(runs: Path) -> Iterator[None]:
    """Let this process be the one that executes a run."""
    written = outages.outage()
    asked = {"host": "node-a", "topic": "orders", "rate": 500.0, "size": 1024, "records": 9000}
    written.add(LoadStarted, 1.0, **asked, duration=3600.0, command=["perf-test.sh"])
    figures = {"records": 2500, "per_second": 500.0, "average": 3.0, "longest": 40.0}
    written.add(LoadReported, 6.0, **figures)
    journal = put(runs, written)
    with hold_lock(journal.parent / RUN_LOCK, "the run", "wait"):
        yield


def asked_by_the_dashboard() -> Iterator[str]:
    """Yield the expressions that have a value of a run which has safeguards or not."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    for expression in (target["expr"] for panel in panels for target in panel["targets"]):
        if "_hold_seconds" not in expression and "_faults" not in expression:
            yield expression.replace("$experiment", ".*")


def test_prometheus_sees_a_run_for_as_long_as_it_is_on(tmp_path: Path) -> None:
    with live_server(tmp_path) as page:
        assert page.token.stat().st_mode & 0o777 == 0o600
        with OfThePage(tmp_path, page) as monitoring:
            wait_until(lambda: monitoring.value("chaos_runner_live_runs") == "0", "it is scraped")
            produced = f'chaos_runner_live_records_total{{outcome="produced",run="{RUN}"}}'
            with run_that_is_on(page.runs):
                wait_until(lambda: float(monitoring.value(produced) or 0) > 0, "the run is seen")
                assert monitoring.value("chaos_runner_live_runs") == "1"
                for expression in asked_by_the_dashboard():
                    wait_until(partial(monitoring.knows, expression), expression)
            wait_until(lambda: monitoring.value(produced) == "", "its series end with it")
