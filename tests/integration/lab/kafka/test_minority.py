"""A broker is cut off from everybody by the project's own fault: a minority of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaos_runner.journal.events import ProbeFinished
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of

EXPERIMENT = """\
title: A minority is unavailable, the control group is not
steady_state: {loss: 0%, control_availability: 100%}
kafka:
  properties:
    # An application that cannot wait for the next leader, with requests without number under way.
    request.timeout.ms: "1000"
    delivery.timeout.ms: "1500"
    enable.idempotence: "false"
phases: {before: 10s, after: 10s}
faults:
  - network_partition:
    targets: {hosts: "kafka_broker[-1]"}
    duration: 12s
"""


# The exposure groups of one broker: test_probe.py; what deviates: test_known_outcomes.py.
@pytest.mark.whole
def test_a_minority_makes_its_own_partitions_unavailable_and_leaves_the_control_group_alone(
    tmp_path: Path, clean_hosts: Path
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(EXPERIMENT, encoding="utf-8")
    done = chaos_runner("run", file, "-i", clean_hosts, "--runs", tmp_path, "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    journal = str(done.json["journal"])

    (account,) = events_of(journal, ProbeFinished)
    assert account.complete, account.reason
    assert sum(totals.lost for totals in account.totals.values()) == 0
    during = {group: phases["during"] for group, phases in account.groups.items()}
    led, control = during["leader"], during["none"]
    # The leaders move after at least seven seconds (broker.session.timeout.ms less one heartbeat),
    # of which the clients wait out one and a half: at ten a second, at least fifty records.
    assert led.scheduled - led.acked >= 30, "the fault was not felt"
    assert control.acked == control.scheduled > 0

    cost = {group["group"]: group["effect"] for group in client_view(journal)["groups"]}
    assert cost["leader"]["set_off"], "the control group was not taken off"
    assert cost["leader"]["availability"]["high"] < 0, "no more than chance"
    assert abs(cost["none"]["availability"]["change"]) < 0.1


def client_view(journal: str) -> dict[str, Any]:
    """Return what the JSON report says of the clients."""
    told = chaos_runner("report", journal, "--format", "json")
    assert told.code == 0, told.stderr
    view = json.loads(told.stdout)["clients"]
    assert isinstance(view, dict)
    return view
