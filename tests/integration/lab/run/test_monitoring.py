"""Did the monitoring notice? A real one, fed by the lab's brokers, of a broker that stops."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from chaos_runner.journal.events import CheckAnswered
from tests.integration.conftest import LAB_NAME, chaos_runner
from tests.integration.lab.run.journals import events_of
from tests.integration.sandbox.monitoring.servers import PLACE, Monitoring
from tests.waiting import wait_until

# Left out of CI, where the same servers watch a service of the test's in the sandbox.
pytestmark = pytest.mark.whole

BROKERS = [f"198.18.0.{number}:9092" for number in range(11, 15)]
INSIDE = ("ip", "netns", "exec", LAB_NAME)
GET = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)"
EXPERIMENT = """\
title: A stopped broker is noticed
steady_state:
  loss: 0%
  checks:
    - name: rule
      alerts: {{prometheus: {prometheus}, alert: KafkaBrokerDown, must_fire_within: 60s}}
      interval: 1s
    - name: page
      alerts: {{alertmanager: {alertmanager}, alert: KafkaBrokerDown, must_fire_within: 60s}}
      interval: 1s
    - name: no other page
      alerts: {{alertmanager: {alertmanager}, alert: KafkaGone}}
      interval: 1s
phases: {{before: 5s, after: 5s}}
faults:
  - service_stop: {{service: kafka}}
    targets: {{hosts: kafka-2}}
    duration: 60s
"""


class LabMonitoring(Monitoring):
    """A Prometheus in the lab's network that asks each broker for a connection."""

    rules: ClassVar[Mapping[str, str]] = {
        "KafkaBrokerDown": "probe_success == 0",
        "KafkaGone": "sum(probe_success) == 0",
    }
    inside: ClassVar[Sequence[str]] = INSIDE

    def start_service(self) -> None:
        """Start the blackbox exporter, which connects to whatever it is asked about."""
        modules = {"modules": {"connects": {"prober": "tcp", "timeout": "2s"}}}
        self.start(
            self.service,
            PLACE / "bin" / "prometheus-blackbox-exporter",
            f"--config.file={self.write('blackbox.yml', modules)}",
            f"--web.listen-address={self.service.removeprefix('http://')}",
        )

    def scraped(self) -> Mapping[str, object]:
        """Return that the exporter is asked about each broker."""
        exporter = self.service.removeprefix("http://")
        return {
            "metrics_path": "/probe",
            "params": {"module": ["connects"]},
            "static_configs": [{"targets": BROKERS}],
            "relabel_configs": [
                {"source_labels": ["__address__"], "target_label": "__param_target"},
                {"source_labels": ["__param_target"], "target_label": "instance"},
                {"target_label": "__address__", "replacement": exporter},
            ],
        }

    def answers(self, url: str) -> bool:
        """Tell whether a URL answers within the lab's network."""
        command = [*INSIDE, sys.executable, "-c", GET, url]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def sees_all_brokers(monitoring: LabMonitoring) -> bool:
    """Tell whether a query for all four brokers being there has a value."""
    query = f"{monitoring.prometheus}/api/v1/query?query=sum(probe_success)%3D%3D4"
    asked = subprocess.run([*INSIDE, "curl", "-sf", query], capture_output=True, check=False)
    return b'"value"' in asked.stdout


@pytest.fixture
def monitoring(tmp_path: Path, lab: Path) -> Iterator[LabMonitoring]:
    with LabMonitoring(tmp_path) as started:
        wait_until(lambda: sees_all_brokers(started), "Prometheus sees all brokers")
        yield started


def test_alerts_of_a_stopped_broker_fire_in_time(
    tmp_path: Path, clean_hosts: Path, monitoring: LabMonitoring
) -> None:
    file = tmp_path / "experiment.yml"
    urls = {"prometheus": monitoring.prometheus, "alertmanager": monitoring.alertmanager}
    file.write_text(EXPERIMENT.format(**urls), encoding="utf-8")
    words = ("-i", clean_hosts, "--runs", tmp_path / "runs", "--yes", "--trust", "-o", "json")
    done = chaos_runner("run", file, *words, timeout=600)
    assert done.code == 0, done.stdout + done.stderr
    answers = events_of(str(done.json["journal"]), CheckAnswered)
    fired = {(each.check, each.phase) for each in answers if each.answer.count}
    assert {("rule", "during"), ("page", "during")} <= fired
    assert not [each for each in fired if each[0] == "no other page"]
