"""What `recover` and `halt` write beside the journals of the runs that hosts name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer, RevertedFault
from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import FaultReverted, HostChanged, HostVerified, RecoveryStarted
from chaos_runner.journal.identity import user_here
from chaos_runner.journal.reader import read_journal
from chaos_runner.rollback.recovery_journal import recoveries_told
from chaos_runner.rollback.rollback import Reverted
from chaos_runner.wording.host_changes import host_change_words
from chaos_runner.wording.readings import readings_words
from tests.unit.report import journals
from tests.unit.report.journal_writer import RUN

ROUND_TRIP = "round_trip 0.5 ms before=0.4 destination=198.18.0.1"
OTHER = "20261124-090000-kaaaaaaa"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Return a directory with the journal of a run whose controller was killed."""
    directory = tmp_path / "runs" / RUN
    directory.mkdir(parents=True)
    (directory / "journal.jsonl").write_bytes(journals.killed().content)
    return directory.parent


def fault(run: str = RUN, **changes: str) -> RevertedFault:
    fields = {"phase": "CLEAN", "by": "lease", "readings": [ROUND_TRIP]}
    prints = {"fingerprint_before": "a", "fingerprint_after": "a"}
    return RevertedFault.model_validate(
        {"fault": "f1", "run": run, "kind": "network_latency", **fields, **prints, **changes}
    )


def answered(*faults: RevertedFault, host: str = "kafka-4") -> Reverted:
    clean = all(each.phase == "CLEAN" for each in faults)
    state = "clean" if clean else "dirty"
    answer = RevertAnswer.model_validate({"ok": True, "state": state, "faults": faults})
    message = "" if clean else "the host is not as it was"
    return Reverted(host, state, "ansible", answer, message)  # type: ignore[arg-type]


def tell(runs: Path, *rounds: Iterable[Reverted]) -> ReadJournal:
    with recoveries_told(runs, "recover") as recoveries:
        for results in rounds:
            recoveries.tell(results)
        assert recoveries.problems == {}
    return read_journal(runs / RUN / "journal.jsonl")


def test_the_run_is_told_who_put_its_host_back_and_how(runs: Path) -> None:
    started, reverted, verified = tell(runs, [answered(fault())]).recoveries
    assert isinstance(started, RecoveryStarted)
    assert (started.command, started.by, started.reason) == ("recover", user_here(), "")
    assert isinstance(reverted, FaultReverted)
    assert (reverted.fault, reverted.channel, reverted.clean) == ("f1", "host", True)
    assert isinstance(verified, HostVerified)
    assert (verified.state, [readings_words(each.readings) for each in verified.proofs]) == (
        "clean",
        ["198.18.0.1: round trip 0.5 ms (0.4 ms before)"],
    )


def test_the_moments_lie_after_the_run(runs: Path) -> None:
    journal = tell(runs, [answered(fault())])
    for event in journal.recoveries:
        since_start = (event.at - journal.started.at).total_seconds()
        assert event.elapsed == pytest.approx(since_start, abs=0.01)


def test_the_journal_of_the_run_stays_as_it_was(runs: Path) -> None:
    tell(runs, [answered(fault())])
    assert (runs / RUN / "journal.jsonl").read_bytes() == journals.killed().content


def test_each_call_writes_a_file_of_its_own_and_says_nothing_twice(runs: Path) -> None:
    still_dirty = answered(fault(phase="DIRTY"))
    tell(runs, [still_dirty], [still_dirty], [answered(fault())])
    journal = tell(runs, [answered(fault())])
    files = sorted(path.name for path in (runs / RUN).iterdir())
    assert files == ["journal.jsonl", "recovery-1.jsonl", "recovery-2.jsonl"]
    states = [event.state for event in journal.recoveries if isinstance(event, HostVerified)]
    assert states == ["dirty", "clean", "clean"]


def test_ten_files_are_read_in_the_order_of_their_numbers(runs: Path) -> None:
    for number in range(11):
        tell(runs, [answered(fault(), host=f"kafka-{number}")])
    hosts = [
        event.host
        for event in read_journal(runs / RUN / "journal.jsonl").recoveries
        if isinstance(event, HostVerified)
    ]
    assert hosts == [f"kafka-{number}" for number in range(11)]


def test_leftovers_of_another_run_do_not_make_this_ones_host_dirty(runs: Path) -> None:
    journal = tell(runs, [answered(fault(), fault(OTHER, phase="DIRTY"))])
    (verified,) = [event for event in journal.recoveries if isinstance(event, HostVerified)]
    assert (verified.state, verified.message) == ("clean", "")


@pytest.mark.parametrize("name", [OTHER, "", "../runs/" + RUN, "."])
def test_a_run_whose_journal_is_not_here_is_not_told(runs: Path, name: str) -> None:
    before = set(runs.parent.rglob("*"))
    with recoveries_told(runs, "halt", "enough") as recoveries:
        recoveries.tell([answered(fault(name))])
    assert recoveries.paths == []
    assert set(runs.parent.rglob("*")) == before


def test_a_host_that_did_not_answer_says_nothing(runs: Path) -> None:
    assert tell(runs, [Reverted("kafka-4", "unknown")]).recoveries == ()


def test_halt_gives_its_reason(runs: Path) -> None:
    with recoveries_told(runs, "halt", "customers complain") as recoveries:
        recoveries.tell([answered(fault())])
    started = read_journal(runs / RUN / "journal.jsonl").recoveries[0]
    assert isinstance(started, RecoveryStarted)
    assert (started.command, started.by) == ("halt", user_here())
    assert started.reason == "customers complain"


def test_a_journal_that_cannot_be_read_is_a_problem_and_no_end(runs: Path) -> None:
    (runs / RUN / "journal.jsonl").write_bytes(b"")
    with recoveries_told(runs, "recover") as recoveries:
        recoveries.tell([answered(fault()), answered(fault(), host="kafka-3")])
    assert list(recoveries.problems) == [RUN]
    assert recoveries.paths == []


def test_a_torn_recovery_is_read_as_far_as_it_goes(runs: Path) -> None:
    tell(runs, [answered(fault())])
    file = runs / RUN / "recovery-1.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    journal = read_journal(runs / RUN / "journal.jsonl")
    assert [event.event for event in journal.recoveries] == ["recovery_started", "fault_reverted"]
    assert journal.notes[-1].startswith("recovery-1.jsonl: Line 3, the last, was cut off")


def test_a_broken_recovery_is_left_out_and_noted(runs: Path) -> None:
    (runs / RUN / "recovery-1.jsonl").write_text("nonsense\n")
    journal = tell(runs, [answered(fault())])
    assert len(journal.recoveries) == 3
    assert "recovery-1.jsonl:1: is not JSON" in journal.notes[-1]


def test_what_was_accepted_is_told_line_by_line_and_counts_as_over(runs: Path) -> None:
    accepted = fault(phase="ACCEPTED", by="accept").model_copy(
        update={"accepted": ["- qdisc a", "+ qdisc b"]}
    )
    answer = RevertAnswer.model_validate({"ok": True, "state": "clean", "faults": [accepted]})
    told = tell(runs, [Reverted("kafka-4", "clean", "ssh", answer)]).recoveries
    notices = [host_change_words(each) for each in told if isinstance(each, HostChanged)]
    assert "accepted as it is now after network_latency: - qdisc a; + qdisc b" in notices
    (reverted,) = [each for each in told if isinstance(each, FaultReverted)]
    (verified,) = [each for each in told if isinstance(each, HostVerified)]
    assert (reverted.channel, reverted.clean, verified.state) == ("ssh", True, "clean")


def test_a_host_that_is_still_at_work_is_told_without_a_channel(runs: Path) -> None:
    waiting = fault(phase="REVERTING", by="revert")
    answer = RevertAnswer.model_validate({"ok": True, "state": "pending", "faults": [waiting]})
    told = tell(runs, [Reverted("kafka-4", "unknown", answer=answer)]).recoveries
    (reverted,) = [each for each in told if isinstance(each, FaultReverted)]
    assert (reverted.channel, reverted.clean) == (None, False)


def test_nothing_is_written_through_a_link(runs: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (runs / RUN).rename(elsewhere)
    (runs / RUN).symlink_to(elsewhere)
    with recoveries_told(runs, "recover") as recoveries:
        recoveries.tell([answered(fault())])
    assert list(recoveries.problems) == [RUN]
    assert [path.name for path in elsewhere.iterdir()] == ["journal.jsonl"]
