from __future__ import annotations

import pytest

from chaos_runner.journal.events import (
    Event,
    FaultApplied,
    FaultFailed,
    FaultIntended,
    FaultReverted,
    HostChanged,
    HostVerified,
    Notice,
    RunFinished,
)
from chaos_runner.report.story.summary import advice_on
from chaos_runner.report.tables.tables import figures
from chaos_runner.verdict.run_reason import RunReason
from tests.unit.report import journals
from tests.unit.report.journal_writer import (
    BEFORE,
    FAULT,
    ROUND_TRIP,
    RUN,
    START,
    JournalWriter,
    latency_fault,
)
from tests.unit.report.stories import story_of


def test_a_run_that_held_says_so_with_its_numbers() -> None:
    story = story_of(journals.held())
    assert story.summary == (
        "Held. 7,500 records acknowledged, 7,500 consumed, 0 lost; clients had 31 bad seconds "
        "and were back to normal by the end of the roll-back; "
        "kafka-4 was slowed by 100 ms for 33 s and came back clean."
    )
    assert (story.verdict, story.exit_code, story.finished) == ("held", 0, True)
    assert story.remarks == ()
    assert advice_on(story) is None


def test_the_head_of_a_report_comes_from_the_first_event() -> None:
    story = story_of(journals.held())
    assert story.started == START
    assert story.stopped == 93.2
    assert (story.owner, story.tags) == ("Team Streams", ("latency", "weekly"))
    assert story.control == ("kafka-1", "kafka-2", "kafka-3")
    assert story.probe is not None
    assert story.probe.client["sasl.password"] == "[redacted]"
    assert story.probe.profile == "defaults"


def test_phases_end_where_the_next_begins() -> None:
    spans = {span.phase: (span.start, span.end) for span in story_of(journals.held()).phases}
    assert spans["during"] == (36.0, 66.0)
    assert spans["verdict"] == (93.1, 93.2)


def test_the_sum_leaves_out_the_warm_up() -> None:
    ledger = story_of(journals.held()).ledger
    assert ledger is not None
    phases = {phase.phase: phase.scheduled for phase in ledger.phases}
    assert phases["warm-up"] == 900
    assert phases["during"] == 3000
    assert ledger.total.scheduled == 7500


def test_latencies_tell_the_phases_apart() -> None:
    ledger = story_of(journals.held()).ledger
    assert ledger is not None
    ack = {phase.phase: phase.ack for phase in ledger.phases}
    assert ack["before"].p99 == pytest.approx(9.4, rel=0.05)
    assert ack["during"].p50 == pytest.approx(100, rel=0.05)
    assert ack["during"].p99 == pytest.approx(239, rel=0.05)


def test_a_run_that_deviated_counts_each_kind_of_trouble() -> None:
    story = story_of(journals.deviated())
    assert story.ledger is not None
    total = story.ledger.total
    assert (total.lost, total.indeterminate, total.rejected, total.duplicates) == (5, 40, 7, 2)
    texts = [remark.text for remark in story.remarks]
    assert texts[0] == "During: ack p99 was 640ms, allowed at most 500ms."
    assert texts[1].startswith("5 acknowledged records lost: 1:4000@90, 1:4001@91")
    assert (
        "Safeguard availability at least 90% for 5s tripped: 71.2%; beyond its limit for 5 s; "
        "the first host was free 3.4 s later." in texts
    )
    assert "40 records indeterminate: the client got an error." in texts
    assert [remark.level for remark in story.remarks] == ["error"] * 3 + ["warning"] * 3


def test_the_last_judgement_of_a_phase_and_the_last_bucket_of_a_second_win() -> None:
    journal = JournalWriter()
    journal.start([])
    journal.second(0, "before", 1.0, acked=10)
    journal.second(0, "before", 1.0, acked=90)
    journal.second(0, "during", 1.0, scheduled=5)
    journals._judged(journal, "before", "inconclusive")
    journals._judged(journal, "before", "held")
    story = story_of(journal)
    (second,) = story.seconds
    assert (second.acked, second.scheduled, second.phases) == (95, 105, ("before", "during"))
    assert [judged.verdict for judged in story.judgements] == ["held"]


def test_an_inconclusive_run_never_says_what_it_did_not_see() -> None:
    story = story_of(journals.inconclusive())
    assert story.summary.startswith("Inconclusive. During: ack p99 could not be judged: the reader")
    assert "0 known to be lost" in story.summary
    assert story.ledger is not None
    assert not story.ledger.drained
    assert f"{FAULT} is off, by SSH, without Ansible" in [entry.text for entry in story.chronicle]


def test_notices_that_differ_in_numbers_alone_are_told_once() -> None:
    journal = JournalWriter()
    journal.start([])
    notice = {"level": "warning", "source": "probe"}
    late = {"kind": "sends ran ms late", **notice}
    journal.add(Notice, 1.0, message="sends ran 78 ms late", **late)
    journal.add(Notice, 2.0, message="sends ran 9.5 ms late", held_back=8, **late)
    journal.add(Notice, 3.0, message="the disk is full", **notice)
    journal.add(Notice, 4.0, message="no way", held_back=2, **notice)
    assert [remark.text for remark in story_of(journal).remarks] == [
        "Probe: sends ran 78 ms late (9 more like this).",
        "Probe: the disk is full.",
        "Probe: no way (2 more like this).",
    ]


def test_what_others_changed_on_a_host_is_told_once() -> None:
    journal = JournalWriter()
    journal.start([])
    changed = {"host": "kafka-4", "what": "changed_by_others", "lines": ["+ rule 7"]}
    journal.add(HostChanged, 1.0, **changed)
    words = "host: changed meanwhile, and not by chaos-runner: + rule 7"
    (entry,) = story_of(journal).chronicle
    assert (entry.text, entry.level, entry.host) == (words, "warning", "kafka-4")
    assert [remark.text for remark in story_of(journal).remarks] == [f"On kafka-4: {words}."]


def test_a_killed_controller_leaves_a_host_unknown_and_advice() -> None:
    story = story_of(journals.killed(), torn=b'{"event":"probe_b')
    assert (story.finished, story.verdict, story.hosts_state) == (False, None, "unknown")
    assert story.summary.startswith(
        "Unfinished: the control node stopped writing at 14:45:49 UTC, in phase during."
    )
    assert "cannot be proved clean" in story.summary
    advice = advice_on(story)
    assert advice is not None
    assert "Should the run still be going on" in advice.remark
    assert advice.command == f"chaos-runner recover {RUN}"
    assert "14:46:00 UTC" in advice.why  # last renewed at 0:45, for 15 s
    assert story.ledger is not None
    assert not story.ledger.final
    assert story.ledger.total.acked == 3300
    assert len(story.notes) == 1


def test_a_host_tells_what_was_done_to_it_and_how_it_ended() -> None:
    (host,) = story_of(journals.held()).hosts
    (fault,) = host.faults
    assert (host.state, host.proved, host.renewals, host.verified) == ("clean", True, 6, 69.5)
    assert (fault.intended, fault.applied, fault.reverted) == (31.2, 35.4, 68.4)
    assert (fault.effect_seen, fault.effect) == (True, (ROUND_TRIP,))
    assert fault.channel == "ansible"
    assert fault.commands[0] == "nft add table inet chaos_k3f9a2c1_1"


def test_a_dirty_host_is_never_covered_up_by_a_verdict_that_held() -> None:
    story = story_of(journals.dirty())
    assert (story.verdict, story.hosts_state) == ("held", "dirty")
    assert story.hosts[0].proved is False
    assert story.hosts[0].differences == ("- qdisc fq_codel 0: root", "+ qdisc prio c4a0: root")
    assert "did NOT come back clean" in story.summary
    assert story.remarks[0].text == "Host kafka-4 is not as it was (residue): 2 differences left."
    assert advice_on(story) is not None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (FaultIntended, {}),
        (FaultApplied, {"lease": 15, "fingerprint": BEFORE}),
        (FaultFailed, {"message": "no answer"}),
    ],
)
def test_a_host_that_may_have_been_touched_is_unknown(
    kind: type[Event], fields: dict[str, object]
) -> None:
    journal = JournalWriter()
    journal.start([latency_fault()])
    journal.add(kind, 3.0, fault=FAULT, host="kafka-4", **fields)
    story = story_of(journal)
    assert story.hosts[0].state == "unknown"
    assert story.summary.endswith("cannot be proved clean.")


def test_a_roll_back_without_verification_proves_nothing_but_dirt() -> None:
    for clean, state in ((True, "unknown"), (False, "dirty")):
        journal = JournalWriter()
        journal.start([latency_fault()])
        journal.add(FaultReverted, 3.0, fault=FAULT, host="kafka-4", channel="ansible", clean=clean)
        assert story_of(journal).hosts[0].state == state


def test_a_proof_is_void_once_the_host_is_touched_again() -> None:
    journal = JournalWriter()
    journal.start([latency_fault()])
    journal.add(HostVerified, 2.0, host="kafka-4", state="clean")
    journal.add(FaultIntended, 3.0, fault=FAULT, host="kafka-4")
    assert story_of(journal).hosts[0].state == "unknown"


def test_a_host_never_reached_is_untouched() -> None:
    journal = JournalWriter()
    journal.start([latency_fault()])
    reason = RunReason(code="did_not_hold_before")
    journal.add(RunFinished, 9.0, verdict="inconclusive", exit_code=3, reasons=[reason])
    story = story_of(journal)
    assert story.hosts_state == "untouched"
    assert story.summary == (
        "Inconclusive. The steady state did not hold before; no host was touched. "
        "No record was sent."
    )
    assert advice_on(story) is None


def test_the_first_event_alone_is_a_story() -> None:
    journal = JournalWriter()
    journal.start([latency_fault()])
    story = story_of(journal)
    assert story.summary.startswith("Unfinished: the control node stopped writing at 14:45:00 UTC.")
    assert story.ledger is None
    assert not story.seconds
    assert advice_on(story) is not None


def test_the_fault_window_is_open_until_the_last_host_is_free() -> None:
    journal = JournalWriter()
    journal.start([latency_fault(targets=["kafka-3", "kafka-4"])])
    for host, second in (("kafka-3", 5.0), ("kafka-4", 6.0)):
        journal.add(FaultApplied, second, fault=FAULT, host=host, lease=15, fingerprint=BEFORE)
    reverted = {"fault": FAULT, "channel": "host", "clean": True}
    journal.add(FaultReverted, 20.0, host="kafka-3", **reverted)
    assert (story_of(journal).faults[0].on, story_of(journal).faults[0].off) == (5.0, None)
    journal.add(FaultReverted, 21.0, host="kafka-4", **reverted)
    assert story_of(journal).faults[0].off == 21.0
    texts = [remark.text for remark in story_of(journal).remarks]
    assert "Network latency on kafka-3 was taken back by the host itself, not by the run." in texts


def test_the_chronicle_is_in_time_order_and_leaves_out_what_comes_every_second() -> None:
    chronicle = story_of(journals.held()).chronicle
    moments = [entry.elapsed for entry in chronicle]
    assert moments == sorted(moments)
    assert len(chronicle) == 22
    assert chronicle[-1].text == "verdict: held (exit code 0)"


def test_a_probe_without_faults_asks_nobody_to_put_hosts_back() -> None:
    journal = JournalWriter()
    journal.start([], kind="probe", inventory="")
    journal.phase("warm-up", 1.0)
    story = story_of(journal)
    assert (story.kind, story.finished, story.hosts) == ("probe", False, ())
    assert advice_on(story) is None
    assert "Ack p99" in {figure.name for figure in figures(story)}
