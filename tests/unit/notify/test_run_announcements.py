"""A run tells people its start, a safeguard and its end, and nothing that they do disturbs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_runner.execution.announcing.announcements import RunAnnouncements
from chaos_runner.journal.events import (
    EVENT,
    Event,
    Notice,
    RunFinished,
    RunStarted,
    SafeguardTripped,
)
from chaos_runner.journal.journal import Journal
from chaos_runner.notify.receivers import Receiver
from chaos_runner.verdict.judgement import Observation
from chaos_runner.verdict.limits import limit_of
from chaos_runner.verdict.run_reason import RunReason
from chaos_runner.verdict.safeguards import Condition
from tests.unit.notify.local_receivers import Webhook
from tests.unit.report.journal_writer import RUN, latency_fault
from tests.waiting import wait_until

NOBODY = "json://127.0.0.1:9/token-of-ops"  # 9: discard, where nobody listens


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up nobody because the machine is busy."""
    monkeypatch.setattr("chaos_runner.notify.notifier.PATIENCE", 240.0)
    monkeypatch.setattr("chaos_runner.notify.notifier.LIMIT", 120.0)


def started(**changes: object) -> RunStarted:
    run = RunStarted(
        run=RUN,
        title="A slow broker",
        owner="Team Streams",
        experiment_file="slow.yml",
        experiment={},
        inventory="hosts.yml",
        faults=[latency_fault()],
        steady_state={},
        versions={},
        process=1,
    )
    return run.model_copy(update=changes)


TRIPPED = SafeguardTripped(
    safeguard=Condition(tolerance="availability", limit=limit_of("availability", 90.0), hold=5),
    observed=Observation(value=71.2, unit="percent"),
    since=12.0,
)
ENDED = RunFinished(
    verdict="deviated", exit_code=1, reasons=[RunReason(code="no_recovery", seconds=60)]
)


def journalled(
    directory: Path, *events: Event, url: str, warn: Callable[[str], None] = lambda _: None
) -> list[Event]:
    """Write events as a run does; return what its journal then says."""
    announcements = RunAnnouncements([Receiver(1, url)], warn)
    journal = Journal(directory / RUN, announcements.observe)
    announcements.write_into(journal)
    for event in events:
        if isinstance(event, RunFinished) and url == NOBODY:
            wait_until(lambda: "was not told" in journal.path.read_text(), "the failure is noted")
        journal.write(event)
    announcements.close()
    journal.close()
    return [EVENT.validate_json(line) for line in journal.path.read_text().splitlines()]


def test_start_safeguard_and_end_are_told(tmp_path: Path, hook: Webhook) -> None:
    events = journalled(tmp_path, started(), TRIPPED, ENDED, url=hook.url)
    assert len(events) == 3
    told = {each["title"]: each["message"] for each in hook.got}
    assert told["Starts: A slow broker"].startswith("delay 100ms to all peers on kafka-4 for 30s")
    assert (
        "availability at least 90% for 5s: 71.2%"
        in (told["Safeguard ends the faults: A slow broker"])
    )
    assert "did not recover within 60 s" in told["Deviated: A slow broker"]
    assert len(told) == 3
    assert all(RUN in text for text in told.values())


def test_a_host_that_is_not_clean_comes_first(tmp_path: Path, hook: Webhook) -> None:
    dirty = ENDED.model_copy(update={"exit_code": 10})
    journalled(tmp_path, started(), dirty, url=hook.url)
    [end] = [each for each in hook.got if each["title"] == "Host not clean: A slow broker"]
    assert end["type"] == "failure"
    assert "chaos-runner recover" in end["message"]


def test_a_measurement_without_faults_tells_nobody(tmp_path: Path, hook: Webhook) -> None:
    journalled(tmp_path, started(faults=[], kind="baseline"), ENDED, url=hook.url)
    assert hook.got == []


def test_a_receiver_that_fails_is_in_the_journal_once_without_its_address(tmp_path: Path) -> None:
    warned: list[str] = []
    events = journalled(tmp_path, started(), TRIPPED, ENDED, url=NOBODY, warn=warned.append)
    [notice] = [each for each in events if isinstance(each, Notice)]
    assert notice.source == "notify"
    assert notice.message.startswith("receiver 1 (json) was not told: ")
    assert isinstance(events[-1], RunFinished)
    assert warned == []
    assert "token-of-ops" not in (tmp_path / RUN / "journal.jsonl").read_text()


def test_what_fails_at_the_end_is_said_and_not_written_behind_it(tmp_path: Path) -> None:
    warned: list[str] = []
    announcements = RunAnnouncements([Receiver(1, NOBODY, ("end",))], warned.append)
    journal = Journal(tmp_path / RUN, announcements.observe)
    announcements.write_into(journal)
    journal.write(started())
    journal.write(ENDED)
    announcements.close()
    journal.close()
    assert [each.partition(":")[0] for each in warned] == ["receiver 1 (json) was not told"]
    assert len(journal.path.read_text().splitlines()) == 2


def test_one_that_hangs_keeps_neither_the_run_nor_its_end(
    tmp_path: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos_runner.notify.notifier.LIMIT", 3.0)
    hook.answers.clear()
    warned: list[str] = []
    events = journalled(tmp_path, started(), ENDED, url=hook.url, warn=warned.append)
    assert isinstance(events[-1], RunFinished)
    notes = [each.message for each in events if isinstance(each, Notice)]
    assert len(notes + warned) == 1
    assert "no answer within 3 s" in (notes + warned)[0] or "timed out" in (notes + warned)[0]


def test_a_display_that_fails_takes_nobody_else_along(tmp_path: Path) -> None:
    seen: list[Event] = []

    def fails(_: Event) -> None:
        raise BrokenPipeError("closed")

    journal = Journal(tmp_path / RUN, fails, seen.append)
    journal.write(started())
    journal.write(ENDED)
    journal.close()
    assert len(seen) == 2
    assert "closed" in journal.observer_error
