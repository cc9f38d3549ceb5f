"""Checks while a run lasts: journaled, judged by their phases, and in nobody's way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from chaos_runner.checks import check_loop
from chaos_runner.checks.check_loop import CheckLoop, close_all
from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.kind import CheckKind
from chaos_runner.execution import phases as execution
from chaos_runner.execution.safeguards import SafeguardWatch
from chaos_runner.journal.events import CheckAnswered, PhaseJudged
from chaos_runner.verdict.answer import Answer
from chaos_runner.wording.run_reasons import run_reason_words
from tests.unit.checks.servers import saying, serving
from tests.unit.conftest import OpenJournal
from tests.unit.execution.test_safeguards import OFFLINE, Bench
from tests.waiting import wait_until

CHECKS = """\
steady_state:
  checks:
    - name: shop
      http: {{url: "http://127.0.0.1:{port}/"}}
      interval: 1s
    - name: program
      command: [sh, -c, "exit 0"]
      interval: 1s
"""


class Hanging(CheckKind):
    """Hang as a name lookup does, which nothing can cut off."""

    kind = "hanging"
    over: ClassVar[threading.Event]

    def describe(self) -> str:
        return "hanging"

    def reaches(self) -> Iterator[str]:
        yield from ()

    def ask(self, cutoff: Cutoff, directory: Path) -> Answer:
        self.over.wait()
        return Answer(how="unreachable", verdict="deviated")


def test_a_check_that_hangs_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_loop, "LAST_QUESTIONS_LIMIT", 0.1)
    Hanging.over = threading.Event()
    heard: list[object] = []
    loop = CheckLoop(Hanging(), 1.0, 0.2, tmp_path, heard=heard.append)
    loop.start()
    began = time.monotonic()
    assert loop.answers() == []
    close_all([loop])
    assert time.monotonic() - began < 30
    Hanging.over.set()
    loop._thread.join(60)
    assert (loop.answers(), heard) == ([], [])  # nothing is written after the end


def answered(bench: Bench, phase: str) -> set[str]:
    return {
        event.check
        for event in bench.events
        if isinstance(event, CheckAnswered) and event.phase == phase
    }


def test_no_host_is_touched_where_a_check_does_not_hold_before(
    tmp_path: Path, open_journal: OpenJournal
) -> None:
    with serving(saying("503 No")) as port:
        bench = Bench(tmp_path, open_journal, OFFLINE + CHECKS.format(port=port))
        bench.tell_good_records()
        with (
            pytest.raises(execution._EndedEarlyError),
            bench.context.checks,
            SafeguardWatch(bench.context) as safeguards,
        ):
            began = time.monotonic()
            execution._judge_before(bench.context, safeguards)
    assert not bench.context.checks.none_fails_since(began)
    (judged,) = [event for event in bench.events if isinstance(event, PhaseJudged)]
    assert {each.check: each.verdict for each in judged.checks} == {
        "shop": "deviated",
        "program": "held",
    }
    assert judged.verdict == bench.context.verdicts["before"] == "deviated"
    assert "did not hold before" in run_reason_words(bench.context.inconclusive[0])


def test_each_answer_counts_for_the_phase_it_was_asked_in(
    tmp_path: Path, open_journal: OpenJournal
) -> None:
    with serving(saying("200 OK")) as port:
        bench = Bench(tmp_path, open_journal, OFFLINE + CHECKS.format(port=port))
        began = time.monotonic()
        with bench.context.checks as checks:
            bench.context.enter("before")
            wait_until(lambda: answered(bench, "before") == {"shop", "program"})
            bench.context.enter("during")
    assert checks.none_fails_since(began)
    assert not checks.none_fails_since(time.monotonic())  # nobody has asked since
    # The server is gone now, as are the checks; what was answered stays.
    assert {each.check: each.verdict for each in checks.judge("before")} == {
        "shop": "held",
        "program": "held",
    }
    assert {each.verdict for each in checks.judge("after")} == {"inconclusive"}


def test_a_safeguard_over_http_ends_the_faults(tmp_path: Path, open_journal: OpenJournal) -> None:
    with serving(saying("503 No")) as port:
        url = f"http://127.0.0.1:{port}/"
        bench = Bench(tmp_path, open_journal, f"  - http: {{url: '{url}'}}\n    hold: 1s\n")
        with SafeguardWatch(bench.context) as safeguards:
            wait_until(safeguards.tripped)
    (tripped,) = bench.tripped
    assert tripped.safeguard.check == f"GET {url}: status 200"
    assert "status 503" in run_reason_words(bench.context.deviations[0])
    assert answered(bench, "warm-up") == {"safeguard 1"}
