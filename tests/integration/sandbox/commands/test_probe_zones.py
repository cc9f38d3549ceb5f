"""Probes on two nodes beside that of the control node: a real broker, real cuts, one report."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import HostVerified, PhaseJudged, ProbeFinished, RunFinished
from chaos_runner.journal.reader import read_journal
from chaos_runner.measurements.model import Counts, Totals
from chaos_runner.measurements.totals import sum_counts
from chaos_runner.report.exports.junit import as_junit
from chaos_runner.report.rendering import as_html, as_markdown
from chaos_runner.report.story.report_model import tell_story
from chaos_runner.verdict.judgement import Verdict, worst_verdict
from tests.integration.sandbox.commands.probe_zones import NODES, ProbeZones, zones_beside_a_broker
from tests.integration.sandbox.guard.sandbox import HOST
from tests.waiting import PATIENCE, wait_until

EXPERIMENT = """\
title: One rack is cut from a broker
kafka: {{bootstrap_servers: "{server}", properties: {{client.id: "${{env:PROBE_NAME}}"}}}}
steady_state: {{availability: 99%, loss: 0%, outage: 10s}}
probe: {{rate: 20/s, zones: [node-a, node-b]}}
phases: {{before: 3s, after: 3s}}
allow: {{unknown_blast_radius: true, topics: ["*", "__*"]}}
faults:
  - network_partition: {{peers: [{peer}]}}
    targets: {{hosts: k1}}
    duration: {duration}
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeZones]:
    with zones_beside_a_broker(tmp_path_factory.mktemp("zones")) as fleet:
        yield fleet


@pytest.fixture(autouse=True)
def probe_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROBE_NAME", "known-here-alone")


def experiment(directory: Path, peer: str, duration: str) -> Path:
    file = directory / "experiment.yml"
    file.write_text(EXPERIMENT.format(server=f"{HOST}:9092", peer=peer, duration=duration))
    return file


def start(fleet: ProbeZones, directory: Path, peer: str, duration: str) -> subprocess.Popen[str]:
    file = experiment(directory, peer, duration)
    return fleet.start("run", file, "--yes", "--trust", "--runs", directory / "runs")


def journal_of(directory: Path, until: str, process: subprocess.Popen[str]) -> Path:
    """Wait for some words in the journal of a run, and return it."""

    def written() -> bool:
        assert process.poll() is None, process.communicate()
        return any(
            until in each.read_text() for each in (directory / "runs").glob("*/journal.jsonl")
        )

    wait_until(written, f"the run has come to {until}")
    (journal,) = (directory / "runs").glob("*/journal.jsonl")
    return journal


def ended(process: subprocess.Popen[str], directory: Path) -> ReadJournal:
    printed, said = process.communicate(timeout=2 * PATIENCE)
    assert "Traceback" not in said, said
    journals = list((directory / "runs").glob("*/journal.jsonl"))
    assert journals, printed + said
    return read_journal(journals[0])


def verdicts(journal: ReadJournal, phase: str) -> dict[str, Verdict]:
    judged = [each for each in journal.events if isinstance(each, PhaseJudged)]
    last = [each for each in judged if each.phase == phase][-1]
    together = {"together": worst_verdict(each.verdict for each in last.judgements)}
    return together | {
        zone: worst_verdict(each.verdict for each in found) for zone, found in last.zones.items()
    }


def require_clean(journal: ReadJournal) -> None:
    (verified,) = (each for each in journal.events if isinstance(each, HostVerified))
    assert verified.state == "clean"


def counts(totals: Mapping[str, Totals]) -> dict[str, Counts]:
    return {phase: sum_counts([each]) for phase, each in totals.items()}


def require_sums(journal: ReadJournal) -> None:
    """Require that the whole is the sum of the zones, in the accounts and in the seconds."""
    (finished,) = (each for each in journal.events if isinstance(each, ProbeFinished))
    for phase, totals in finished.totals.items():
        parts = [each[phase] for each in finished.zones.values() if phase in each]
        assert sum_counts(parts) == sum_counts([totals])
    of_seconds = journal.seconds.zones()
    for zone, phases in finished.zones.items():
        assert counts(of_seconds[zone]) == counts(phases)


def require_report(journal: ReadJournal) -> None:
    """Require that every kind of report names the zone that deviated."""
    story = tell_story(journal)
    assert [each.zone for each in story.zones] == ["", "node-a", "node-b"]
    for text in (as_html(story), as_markdown(story), as_junit(story)):
        assert "one node-a" in text
    failed = [line for line in as_junit(story).splitlines() if "<failure" in line]
    assert any("zone node-a: outage was" in line for line in failed)
    assert not any("node-b" in line for line in failed)


def test_only_the_zone_that_is_cut_from_the_broker_deviates(
    fleet: ProbeZones, tmp_path: Path
) -> None:
    planned = fleet.call("plan", experiment(tmp_path, NODES["node-a"], "15s"), "--trust")
    assert "on this machine and on node-a, node-b" in planned.stdout, planned
    journal = ended(start(fleet, tmp_path, NODES["node-a"], "15s"), tmp_path)
    (end,) = (each for each in journal.events if isinstance(each, RunFinished))
    assert end.verdict == "deviated", end
    assert [reason.zones for reason in end.reasons if reason.phase == "during"] == [["node-a"]]
    assert verdicts(journal, "before") == dict.fromkeys(
        ("together", "", "node-a", "node-b"), "held"
    )
    during = verdicts(journal, "during")
    assert (during["node-a"], during["node-b"], during[""]) == ("deviated", "held", "held")
    assert set(verdicts(journal, "after").values()) == {"held"}
    require_clean(journal)
    require_sums(journal)
    require_report(journal)


@pytest.mark.whole  # tests/unit/zones/test_probes.py shows faster what follows a lost zone
def test_a_zone_that_is_silent_for_a_while_ends_no_fault_and_makes_the_run_inconclusive(
    fleet: ProbeZones, tmp_path: Path
) -> None:
    process = start(fleet, tmp_path, "198.18.200.99", "45s")
    journal_of(tmp_path, '"phase":"during"', process)
    fleet.cut("node-b")
    time.sleep(22)  # longer than the silence that counts, and shorter than the fault
    fleet.reconnect()
    journal = ended(process, tmp_path)
    (end,) = (each for each in journal.events if isinstance(each, RunFinished))
    assert end.verdict == "inconclusive", end
    lost = [each for each in end.reasons if each.code == "zone_lost"]
    assert [each.zones for each in lost] == [["node-b"]]
    require_clean(journal)
    require_sums(journal)
    (finished,) = (each for each in journal.events if isinstance(each, ProbeFinished))
    assert finished.complete, finished.reason
    during = finished.zones["node-b"]["during"]
    assert during.scheduled >= 20 * 40  # the seconds of the cut, too
