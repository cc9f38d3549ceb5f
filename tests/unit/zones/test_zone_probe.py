"""A zone's probe whose clock is an hour ahead: a program that speaks as the real one does."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.common.messages import (
    BucketMessage,
    HealthMessage,
    ProbeMessage,
    ProbeSettings,
)
from chaos_runner.kafka.probe.process import ProbeCommand
from chaos_runner.kafka.zones.probes import _of_zone
from chaos_runner.kafka.zones.zone_probe import ZoneProbe
from tests.waiting import wait_until

PROGRAM = """
import json, sys, time
AHEAD = 3600
def now(): return time.monotonic() + AHEAD
def say(**what): print(json.dumps(what), flush=True)
sys.stdin.readline()
began = now()
for line in sys.stdin:
    command = json.loads(line)
    if command["command"] == "tell_time":
        if command["request"] > 8:
            time.sleep(float(sys.argv[1]))
        say(message="time", request=command["request"], now=now())
        if command["request"] == 8:
            say(message="ready", topic="t", brokers={}, placement={}, rate=1, size=1, client={},
                began=began)
            say(message="bucket", bucket={"second": 2, "elapsed": began + 2, "phase": "before"})
            say(message="health", health={"elapsed": began + 2, "brokers": 1,
                "under_replicated": 0, "offline": 0, "not_preferred": 0})
    elif command["command"] == "finish":
        say(message="finished", request=command["request"], complete=True, totals={},
            outages=[{"partition": 0, "start": began, "end": None}])
"""


class Zone:
    """The probe of a zone, and what it has said."""

    def __init__(self, delay: float) -> None:
        self.messages: list[ProbeMessage] = []
        command = ProbeCommand((sys.executable, "-c", PROGRAM, str(delay)), None, "zone node-a")
        settings = ProbeSettings(run="test", bootstrap_servers="nobody:1")
        self.probe = ZoneProbe("node-a", settings, self.messages.append, command)
        self.began = time.monotonic()
        self.probe.start(30.0, self.began - 10.0)


@pytest.fixture
def zone() -> Iterator[Zone]:
    found = Zone(0.0)
    yield found
    found.probe.probe.kill()


def test_its_times_are_on_our_clock_and_its_seconds_are_those_of_the_run(zone: Zone) -> None:
    wait_until(lambda: len(zone.messages) == 2, "it has said how it is")
    bucket, health = zone.messages
    assert isinstance(bucket, BucketMessage)
    assert isinstance(health, HealthMessage)
    assert bucket.bucket.zone == health.health.zone == "node-a"
    took = health.health.elapsed - 2 - zone.began
    assert 0 <= took < 30
    assert abs(bucket.bucket.second - (12 + took)) <= 0.5 + zone.probe.clock_error()
    assert bucket.bucket.elapsed == zone.began - 10 + bucket.bucket.second
    (outage,) = zone.probe.on_our_clock(zone.probe.probe.finish(1.0)).outages
    assert outage.start == pytest.approx(health.health.elapsed - 2, abs=0.1)


def test_a_phase_that_it_hears_of_in_time_is_nothing_to_tell(zone: Zone) -> None:
    zone.probe.enter_phase("before")
    assert zone.probe.probe.finish(1.0).complete
    assert zone.probe.late == ""


def test_a_phase_that_it_hears_of_late_is_told() -> None:
    late = Zone(2.5)
    late.probe.enter_phase("during")
    wait_until(lambda: late.probe.late != "", "it is noted")
    assert "s late that `during` began" in late.probe.late
    late.probe.probe.kill()


def test_one_that_cannot_be_started_names_its_zone() -> None:
    command = ProbeCommand(("sh", "-c", "echo no route >&2; exit 255"), None, "zone node-a")
    settings = ProbeSettings(run="test", bootstrap_servers="nobody:1")
    probe = ZoneProbe("node-a", settings, lambda _: None, command)
    with pytest.raises(ProbeError, match="probe on zone node-a") as caught:
        probe.start(5.0, 0.0)
    assert "no route" in str(caught.value)


def test_secrets_in_variables_are_sent_along_and_nothing_is_followed_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "secret")
    settings = ProbeSettings(
        run="r",
        bootstrap_servers="${env:SERVERS}",
        client={"sasl.password": "${env:KAFKA_PASSWORD}"},
        groups=["payments"],
    )
    sent = _of_zone(settings, 2)
    assert sent.variables == {"KAFKA_PASSWORD": "secret"}
    assert (sent.run, sent.groups) == ("r-zone-2", [])
    assert "secret" not in repr(sent)
