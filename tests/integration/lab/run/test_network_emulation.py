"""Queues of netem on a real broker, in every direction: measured as asked, gone without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultEffect, HostVerified
from chaos_runner.measurements.reading import Reading
from tests.integration.conftest import chaos_runner
from tests.integration.lab.run.journals import events_of

EXPERIMENT = """\
title: A fault of the test
steady_state: {{loss: 0%}}
phases: {{before: 3s, after: 3s}}
faults:
  - {fault}
    duration: 30s
"""


# test_three_faults has a queue of netem on a broker, and Molecule's network_emulation measures one.
@pytest.mark.whole
@pytest.mark.parametrize(
    ("fault", "measured"),
    [
        (
            "network_loss: {loss: 10%, peers: [kafka_broker]}",
            Reading(name="pings_lost", unit="%", asked=10),
        ),
        ("network_bandwidth: {rate: 10mbit}", Reading(name="sent", unit="Mbit/s", asked=10)),
        (
            "network_corruption: {corrupt: 40%, direction: in}",
            Reading(name="pings_lost", unit="%", asked=40),
        ),
        (
            "network_loss: {loss: 10%, peers: [kafka_broker], direction: in}",
            Reading(name="pings_lost", unit="%", asked=10),
        ),
        ("network_latency: {delay: 20ms, direction: both}", Reading(name="round_trip", unit="ms")),
        ("network_latency: {delay: 1ms, slot: 50ms}", Reading(name="round_trip", unit="ms")),
    ],
    ids=["loss", "bandwidth", "corruption", "loss_in", "latency_both", "slots"],
)
def test_what_netem_does_is_measured_and_goes_without_a_trace(
    fault: str, measured: Reading, tmp_path: Path, clean_hosts: Path
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(EXPERIMENT.format(fault=fault), encoding="utf-8")
    done = chaos_runner("run", file, "-i", clean_hosts, "--runs", tmp_path, "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    journal = str(done.json["journal"])
    (effect,) = events_of(journal, FaultEffect)
    assert effect.seen, effect.readings
    read = {reading.name: reading for reading in effect.readings}[measured.name]
    assert read.value is not None
    assert (read.unit, read.asked) == (measured.unit, measured.asked)
    assert (read.before is not None) == (measured.name == "round_trip")
    (verified,) = events_of(journal, HostVerified)
    assert verified.state == "clean"
