"""`recover`, `halt`, `resume` and `audit` on a real host: clean is what was looked at."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.events import FaultApplied
from tests.integration.sandbox.commands.fleet_of_one import FleetOfOne
from tests.unit.report.journal_writer import JournalWriter, latency_fault

RUN = "20261123-144500-k3f9a2c1"
NOBODYS = "20261124-090000-kaaaaaaa"
LOCAL = "    here:\n      ansible_connection: local\n"
UNREAD = "    lost:\n      ansible_host: '{{ not_there }}'\n"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[FleetOfOne]:
    one = FleetOfOne(tmp_path)
    yield one
    one.close()


def test_a_run_that_no_host_knows_is_told_with_those_that_are_there(fleet: FleetOfOne) -> None:
    fleet.put_on("k3f9a2c1_1", RUN)
    done = fleet.call("recover", NOBODYS, "--patience", "0")
    assert done.code == 2, done.stdout + done.stderr
    assert f"no host knows a run `{NOBODYS}`; others are there: {RUN}" in done.stderr
    assert "chaos_" in fleet.tables()
    host = fleet.call("recover", "k1")
    assert (host.code, "--all --limit k1" in host.stderr) == (2, True)
    known = fleet.call("recover", RUN, "-l", "kafka_broker")
    assert known.code == 0, known.stdout + known.stderr
    assert "chaos_" not in fleet.tables()
    assert fleet.call("audit").code == 0


def test_what_is_left_without_a_record_is_never_clean(fleet: FleetOfOne) -> None:
    fleet.sandbox.run(["nft", "add", "table", "inet", "chaos_left"])
    assert fleet.call("audit").code == 10
    done = fleet.call("recover", "--all", "--patience", "0")
    assert done.code == (10 if "chaos_left" in fleet.tables() else 0), done.stdout


def test_halt_goes_on_without_a_host_that_cannot_be_worked_on(fleet: FleetOfOne) -> None:
    fleet.write_inventory(LOCAL)
    fleet.put_on("k3f9a2c1_1", RUN)
    done = fleet.call("halt", "why {{ not }}", "--patience", "0", "-o", "json")
    assert done.code == 0, done.stdout + done.stderr
    assert [host["name"] for host in json.loads(done.stdout)["hosts"]] == ["k1"]
    assert list(json.loads(done.stdout)["left_out"]) == ["here"]
    assert "chaos_" not in fleet.tables()
    resumed = fleet.call("resume", "-o", "json")
    assert resumed.code == 0, resumed.stdout + resumed.stderr
    assert json.loads(resumed.stdout)["hosts"] == {"k1": True}


def test_a_host_that_cannot_be_read_is_unknown_and_stops_no_other(fleet: FleetOfOne) -> None:
    fleet.write_inventory(LOCAL + UNREAD)
    fleet.put_on("k3f9a2c1_1", RUN)
    done = fleet.call("recover", "--all", "--patience", "0", "-o", "json")
    assert done.code == 10, done.stdout + done.stderr
    document = json.loads(done.stdout)
    states = {host["name"]: host["state"] for host in document["hosts"]}
    assert (states, list(document["left_out"])) == ({"k1": "clean", "lost": "unknown"}, ["here"])
    assert "chaos_" not in fleet.tables()


def test_a_host_that_cannot_be_looked_at_is_unknown_where_it_was_named(fleet: FleetOfOne) -> None:
    fleet.write_inventory(LOCAL)
    everything, named = fleet.call("audit"), fleet.call("audit", "-l", "here")
    assert (everything.code, named.code) == (0, 10), everything.stdout + named.stdout
    assert "here: left out" in everything.stdout
    assert "here: unknown" in named.stdout


def test_until_clean_names_whom_it_waits_for_and_ends_with_ctrl_c(fleet: FleetOfOne) -> None:
    fleet.sandbox.run(["ip", "link", "set", "eth0", "down"])
    process = fleet.start("recover", "--all", "--until-clean", "--patience", "0")
    assert process.stderr is not None
    said = next(line for line in process.stderr if "asked again" in line)
    assert "not clean yet: k1 unknown (" in said
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=240)
    assert process.returncode == 130
    assert printed.startswith("k1: unknown, ")


def test_a_mistake_in_the_workspaces_file_stops_no_recovery(
    fleet: FleetOfOne, tmp_path: Path
) -> None:
    fleet.put_on("k3f9a2c1_1", RUN)
    (tmp_path / "chaos-runner.yml").write_text("runs: [")
    done = fleet.call("recover", "--all", "--patience", "0")
    assert done.code == 0, done.stdout + done.stderr
    assert "chaos_" not in fleet.tables()


def test_what_an_administrator_changed_is_accepted_line_by_line(fleet: FleetOfOne) -> None:
    fleet.put_on("k3f9a2c1_1", RUN)
    fleet.sandbox.run(["sh", "-c", "echo changed-on-purpose >/run/chaos-runner/setting"])
    dirty = fleet.call("recover", "--all", "--patience", "0")
    assert dirty.code == 10, dirty.stdout + dirty.stderr
    unasked = fleet.call("recover", "--all", "--accept", "--patience", "0")
    assert unasked.code == 10
    assert "needs a confirmation" in unasked.stderr
    done = fleet.call("recover", "--all", "--accept", "--yes", "--patience", "0")
    assert done.code == 0, done.stdout + done.stderr
    assert "changed-on-purpose" in done.stderr
    assert "accepted: " in done.stdout
    assert fleet.call("recover", "--all", "--patience", "0").code == 0
    assert fleet.call("audit").code == 0


def write_journal(fleet: FleetOfOne, runs: Path, *faults: str) -> None:
    """Write the journal of a run whose control node died after it had put faults on."""
    journal = JournalWriter()
    journal.start([latency_fault()], run=RUN, inventory=str(fleet.inventory))
    for fault in faults:
        journal.add(FaultApplied, 5.0, fault=fault, host="k1", lease=20, fingerprint="a")
    (runs / RUN).mkdir(parents=True)
    (runs / RUN / "journal.jsonl").write_bytes(journal.content)


def test_a_fault_that_the_host_forgot_is_unknown_to_every_command_until_it_is_accepted(
    fleet: FleetOfOne, tmp_path: Path
) -> None:
    write_journal(fleet, tmp_path / "runs", "k3f9a2c1_1")
    options = ("--runs", str(tmp_path / "runs"))
    for command in (("audit",), ("recover", "--all", "--patience", "0"), ("halt", "why")):
        done = fleet.call(*command, *options)
        assert done.code == 10, done.stdout + done.stderr
        assert f"k1: unknown, the host no longer knows of k3f9a2c1_1 of run {RUN}" in done.stdout
        assert f"`chaos-runner recover {RUN} --accept`" in done.stderr
    done = fleet.call("recover", RUN, "--accept", "--yes", *options)
    assert done.code == 0, done.stdout + done.stderr
    assert f"k1: k3f9a2c1_1 of run {RUN}: the host no longer knows of it" in done.stderr
    assert fleet.call("audit", *options).code == 0
    assert fleet.call("recover", RUN, *options).code == 0
    recoveries = [each.read_text() for each in (tmp_path / "runs" / RUN).glob("recovery-*")]
    assert sum('"kind":"k3f9a2c1_1"' in each for each in recoveries) == 1


def test_what_differs_and_what_was_forgotten_are_accepted_together(
    fleet: FleetOfOne, tmp_path: Path
) -> None:
    write_journal(fleet, tmp_path / "runs", "k3f9a2c1_1", "k3f9a2c1_2")
    fleet.put_on("k3f9a2c1_1", RUN)
    fleet.sandbox.run(["sh", "-c", "echo changed-on-purpose >/run/chaos-runner/setting"])
    options = ("--runs", str(tmp_path / "runs"), "--patience", "0")
    done = fleet.call("recover", RUN, *options)
    assert done.code == 10, done.stdout + done.stderr
    done = fleet.call("recover", RUN, "--accept", "--yes", *options)
    assert done.code == 0, done.stdout + done.stderr
    assert "changed-on-purpose" in done.stderr
    assert f"k3f9a2c1_2 of run {RUN}: the host no longer knows of it" in done.stderr
    assert fleet.call("recover", RUN, *options).code == 0


def test_what_the_host_knows_to_be_over_or_another_fleet_had_is_not_missed(
    fleet: FleetOfOne, tmp_path: Path
) -> None:
    write_journal(fleet, tmp_path / "runs", "k3f9a2c1_1")
    options = ("--runs", str(tmp_path / "runs"))
    fleet.put_on("k3f9a2c1_1", RUN)
    fleet.sandbox.guard("revert", "--run", RUN)
    assert fleet.call("audit", *options).code == 0
    other = tmp_path / "elsewhere.yml"
    other.write_text(fleet.inventory.read_text())  # one that is gone may have been moved here
    journal = tmp_path / "runs" / RUN / "journal.jsonl"
    journal.write_text(journal.read_text().replace(str(fleet.inventory), str(other)))
    fleet.sandbox.guard("forget", "--run", RUN)
    assert fleet.call("audit", *options).code == 0
