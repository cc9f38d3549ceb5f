"""Did the monitoring notice? A real one, of a fault that a service shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.kinds.alerts import Alerts
from chaos_runner.checks.kinds.prometheus import Prometheus
from chaos_runner.execution.context import RunContext
from chaos_runner.execution.observations import Observations
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.journal.events import CheckAnswered, Event
from chaos_runner.journal.journal import Journal
from chaos_runner.kafka.zones.probes import Probes
from chaos_runner.verdict.answer import Answer
from chaos_runner.verdict.checks import CheckJudgement
from chaos_runner.wording.checks import check_words
from tests.integration.conftest import chaos_runner
from tests.integration.sandbox.monitoring.servers import Monitoring
from tests.unit.execution.test_safeguards import LivingProbe
from tests.unit.kafka.mock_cluster import running_cluster
from tests.unit.planning.test_planner import planned
from tests.waiting import wait_until

CHECKS = """\
  - network_partition:
    targets: {{hosts: kafka-1}}
    duration: 10m
steady_state:
  checks:
    - name: rule
      alerts: {{prometheus: {prometheus}, alert: KafkaBrokerDown, must_fire_within: 10m}}
      interval: 1s
    - name: page
      alerts:
        alertmanager: {alertmanager}
        alert: KafkaBrokerDown
        labels: {{severity: page}}
        must_fire_within: 10m
      interval: 1s
    - name: no other page
      alerts: {{alertmanager: {alertmanager}, alert: KafkaGone}}
      interval: 1s
    - name: brokers
      prometheus: {{url: {prometheus}, query: fleet_brokers, at_least: 3}}
      interval: 1s
    - name: service
      http: {{url: {service}/health, contains: all is well}}
      interval: 1s
"""


class MonitoredRun:
    """A run that reaches no host: its phases begin when the test says so."""

    def __init__(self, directory: Path, monitoring: Monitoring) -> None:
        self.events: list[Event] = []
        self.journal = Journal(directory / "run", self.events.append)
        observations = Observations(self.journal)
        self.context = RunContext(
            plan=planned(
                directory,
                CHECKS.format(
                    prometheus=monitoring.prometheus,
                    alertmanager=monitoring.alertmanager,
                    service=monitoring.service,
                ),
            ),
            journal=self.journal,
            ansible=cast(AnsibleChannel, None),
            interruption=Interruption(),
            observations=observations,
            probe=cast(Probes, LivingProbe()),
        )

    def answers(self, check: str, phase: str) -> list[Answer]:
        return [
            event.answer
            for event in self.events
            if isinstance(event, CheckAnswered) and (event.check, event.phase) == (check, phase)
        ]

    def wait_for_answers(self, phase: str, *checks: str) -> None:
        for check in checks:
            wait_until(partial(self.has_answer, check, phase), f"{check} in {phase}")

    def has_answer(self, check: str, phase: str) -> bool:
        return bool(self.answers(check, phase))

    def fires(self, alert: str) -> bool:
        return any(each.count for each in self.answers(alert, "during"))

    def judged(self, phase: str) -> dict[str, CheckJudgement]:
        return {each.check: each for each in self.context.checks.judge(phase)}


@pytest.fixture
def monitoring(tmp_path: Path) -> Iterator[Monitoring]:
    with Monitoring(tmp_path) as started:
        wait_until(lambda: ask_brokers(started).value == 3, "Prometheus has scraped the service")
        yield started


def ask_brokers(monitoring: Monitoring) -> Answer:
    check = Prometheus(url=monitoring.prometheus, query="fleet_brokers", at_least=3)
    with Cutoff(30) as cutoff:
        return check.ask(cutoff, Path("/"))


def test_what_notices_a_fault_and_how_soon(tmp_path: Path, monitoring: Monitoring) -> None:
    run = MonitoredRun(tmp_path, monitoring)
    every_phase = ("no other page", "brokers", "service")
    alerts = ("rule", "page")
    run.context.enter("before")
    with run.context.checks:
        run.wait_for_answers("before", *every_phase, *alerts)
        run.context.enter("inject")
        run.context.enter("during")
        monitoring.set_brokers(2)
        for alert in alerts:
            wait_until(partial(run.fires, alert), f"{alert} fires")
        run.wait_for_answers("during", *every_phase)
        run.context.enter("roll-back")
        monitoring.set_brokers(3)
        wait_until(lambda: ask_brokers(monitoring).value == 3, "Prometheus sees the broker again")
        run.context.enter("after")
        run.wait_for_answers("after", *every_phase)
        run.context.enter("drain")
    run.journal.close()
    for phase in ("before", "after"):
        judged = run.judged(phase)
        assert {name: each.verdict for name, each in judged.items()} == dict.fromkeys(
            every_phase, "held"
        )
    during = run.judged("during")
    assert {name: each.verdict for name, each in during.items()} == {
        "rule": "held",
        "page": "held",
        "no other page": "held",
        "brokers": "deviated",
        "service": "deviated",
    }
    for alert in alerts:
        noticed = during[alert].noticed
        assert noticed is not None
        assert 0 < noticed < 600
    assert "failed, last: 2 (__name__=fleet_brokers, " in check_words(during["brokers"])
    assert "last: status 503" in check_words(during["service"])


def test_a_monitoring_that_is_gone_lets_nobody_see(tmp_path: Path, monitoring: Monitoring) -> None:
    monitoring.end(monitoring.prometheus)
    monitoring.end(monitoring.alertmanager)
    monitoring.end(monitoring.service)
    run = MonitoredRun(tmp_path, monitoring)
    checks = ("no other page", "brokers", "service", "rule", "page")
    run.context.enter("before")
    with run.context.checks:
        run.wait_for_answers("before", *checks)
        run.context.enter("inject")
        run.context.enter("during")
        run.wait_for_answers("during", *checks)
        run.context.enter("drain")
    run.journal.close()
    during = run.judged("during")
    assert during.pop("service").verdict == "deviated"
    assert {each.verdict for each in during.values()} == {"inconclusive"}
    assert all("Connection refused" in check_words(each) for each in during.values())


def test_an_error_of_the_query_is_in_the_answer(monitoring: Monitoring) -> None:
    for query in ("fleet_brokers[5m]", "no such query ((", "nothing_of_this_name"):
        check = Prometheus(url=monitoring.prometheus, query=query, at_most=1)
        with Cutoff(30) as cutoff:
            answer = check.ask(cutoff, Path("/"))
        assert answer.verdict == "inconclusive"
    with Cutoff(30) as cutoff:
        elsewhere = Alerts(prometheus=f"{monitoring.service}/metrics", alert="KafkaBrokerDown")
        assert elsewhere.ask(cutoff, Path("/")).how == "not_understood"


PROBED = """\
title: Monitored
faults: [{{network_partition: {{}}}}]
kafka: {{bootstrap_servers: "{bootstrap}"}}
probe: {{topic: team.probe}}
steady_state:
  loss: 100%
  checks:
    - {{name: shop, http: {{url: "{service}/health"}}, interval: 1s}}
    - {{prometheus: {{url: "{prometheus}", query: fleet_brokers, at_least: 3}}, interval: 1s}}
"""


def test_the_command_line_asks_once_it_is_trusted(tmp_path: Path, monitoring: Monitoring) -> None:
    file = tmp_path / "monitored.yml"
    with running_cluster() as cluster:
        cluster.create_topic("team.probe", 3)
        urls = {"service": monitoring.service, "prometheus": monitoring.prometheus}
        file.write_text(PROBED.format(bootstrap=cluster.bootstrap, **urls), encoding="utf-8")
        command = ("probe", file, "--for", "5s", "--runs", tmp_path / "runs")
        refused = chaos_runner(*command)
        done = chaos_runner(*command, "--trust")
    assert refused.code == 4
    assert f"{file}:8: check 1 asks {monitoring.service}/health" in refused.stderr
    assert f"{file}:9: check 2 asks {monitoring.prometheus}" in refused.stderr
    assert "shop: status 200 in " in done.stdout, done.stderr
    assert "fleet_brokers at least 3: 3 (__name__=fleet_brokers, " in done.stdout
    (report,) = (tmp_path / "runs").glob("*/report.html")
    assert "fleet_brokers at least 3" in report.read_text(encoding="utf-8")
