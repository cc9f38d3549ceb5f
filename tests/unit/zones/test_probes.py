"""Several probes as one, where the one of a zone dies: programs that speak as the real one does."""

from __future__ import annotations

import sys

from chaos_runner.kafka.common.messages import ProbeSettings
from chaos_runner.kafka.probe.process import ProbeCommand
from chaos_runner.kafka.probe.session import Probe
from chaos_runner.kafka.zones.probes import Probes
from tests.waiting import wait_until

PROGRAM = """
import json, sys, time
def say(**what): print(json.dumps(what), flush=True)
sys.stdin.readline()
say(message="ready", topic="t", brokers={}, placement={}, rate=1, size=1, client={},
    began=time.monotonic())
for line in sys.stdin:
    command = json.loads(line)
    if command["command"] == "tell_time":
        say(message="time", request=command["request"], now=time.monotonic())
    elif command["command"] == "enter_phase" and sys.argv[1] == command["phase"]:
        sys.exit(3)
    elif command["command"] == "finish":
        totals = {"during": {"scheduled": 7, "acked": 7}}
        say(message="finished", request=command["request"], complete=True, totals=totals)
"""


def program(dies_in: str) -> ProbeCommand:
    return ProbeCommand((sys.executable, "-c", PROGRAM, dies_in), None, "zone of a test")


def test_the_others_go_on_and_the_whole_names_the_zone_that_died() -> None:
    settings = ProbeSettings(run="test", bootstrap_servers="nobody:1")
    zones = {"node-a": program("never"), "node-b": program("during")}
    probes = Probes(settings, lambda _: None, zones)
    probes._own = Probe(settings, lambda _: None, program("never"))
    assert list(probes.start(30.0).zones) == ["node-a", "node-b"]
    assert probes.lost() == []
    probes.enter_phase("during")
    wait_until(lambda: bool(probes.lost()), "the death is noticed")
    probes.enter_phase("recovery")
    probes.raise_if_dead()
    finished = probes.finish(5.0)
    assert [each.zone for each in probes.lost()] == ["node-b"]
    assert not finished.complete
    assert "zone node-b" in finished.reason
    assert sorted(finished.zones) == ["", "node-a"]
    assert finished.totals["during"].acked == 14
    probes.kill()
