"""A run says held only of faults that were on to their end, and clean only what is proved."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from chaos_runner.errors import ChaosRunnerError, InjectionError
from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer, RevertAnswer, RevertedFault
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.journal.events import FaultReverted, HostVerified, LeaseRenewed, Waiting
from tests.unit.execution.made_up_hosts import LEASE, Bench, MadeUpHosts, bench_of, unreachable

Start = Callable[..., Bench]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that sets a run up on made-up hosts."""
    with ExitStack() as stack:

        def begin(hosts: MadeUpHosts, duration: float = 1.0, *, one_channel: bool = False) -> Bench:
            bench = bench_of(tmp_path, monkeypatch, hosts, duration, one_channel=one_channel)
            return stack.enter_context(bench)

        yield begin


def test_a_fault_that_was_on_to_its_end_holds(start: Start) -> None:
    bench = start(MadeUpHosts("k1", "k2"))
    outcome = bench.run()
    assert (outcome.verdict, outcome.exit_code, outcome.reasons) == ("held", 0, [])
    assert outcome.hosts == {"k1": "clean", "k2": "clean"}
    assert bench.of(LeaseRenewed)


def test_between_the_phases_a_run_tells_what_it_waits_for(start: Start) -> None:
    bench = start(MadeUpHosts("k1", "k2"))
    bench.run()
    told = [event.what for event in bench.of(Waiting) if isinstance(event, Waiting)]
    assert told[:2] == ["the roll-back's connections to k1, k2", told[1]]
    assert told[1].startswith("k1, k2 to have the fault on: ")
    assert told[2:] == ["k1, k2 to have the faults off", "k1, k2 to be looked at"]


@pytest.mark.parametrize(
    ("by", "held", "words"),
    [
        ("lease", 0.2, "the fault on k1 ended by its lease after 0.2 s of 1.5 s"),
        ("timer", 0.2, "the fault on k1 ended by its hard cap after 0.2 s of 1.5 s"),
        ("boot", 0.1, "the fault on k1 ended by a restart of the host after 0.1 s of 1.5 s"),
        ("revert", 0.1, "the fault on k1 ended before its time after 0.1 s of 1.5 s"),
        ("lease", None, "the fault on k1 ended by its lease, and the host does not tell"),
    ],
)
def test_a_fault_that_ended_before_its_time_is_inconclusive_with_since_when(
    by: str, held: float | None, words: str, start: Start
) -> None:
    class EndsEarly(MadeUpHosts):
        def ended(self, **changes: object) -> RevertedFault:
            return super().ended(by=by, held=held)

    bench = start(EndsEarly(), 1.5)
    outcome = bench.run()
    assert (outcome.verdict, outcome.exit_code) == ("inconclusive", 3)
    assert any(reason.startswith(words) for reason in outcome.reasons), outcome.reasons
    (reverted,) = bench.of(FaultReverted)
    assert (reverted.by, reverted.held) == (by, held)  # type: ignore[union-attr]


def test_a_fault_that_its_lease_ended_after_its_time_holds(start: Start) -> None:
    class EndsLate(MadeUpHosts):
        def ended(self, **changes: object) -> RevertedFault:
            return super().ended(by="lease", held=1.2)

    assert start(EndsLate()).run().verdict == "held"


def test_renewals_that_fail_end_the_hold_once_the_lease_must_have_ended(start: Start) -> None:
    class Deaf(MadeUpHosts):
        def renew(self, host: str) -> RenewAnswer | ChaosRunnerError:
            return unreachable(host)

    bench = start(Deaf(), 60.0)
    began = time.monotonic()
    outcome = bench.run()
    assert time.monotonic() - began < 50
    assert outcome.verdict == "inconclusive"
    assert outcome.hosts == {"k1": "clean"}
    (reason,) = outcome.reasons
    assert "no renewal reached the host for its lease of 2 s: k1: no route to host" in reason


def test_no_host_is_touched_where_the_ssh_channel_fails(start: Start) -> None:
    class Deaf(MadeUpHosts):
        def reach(self, host: str) -> ChaosRunnerError | None:
            return unreachable(host) if host == "k2" else None

    hosts = Deaf("k1", "k2")
    bench = start(hosts)
    outcome = bench.run()
    assert isinstance(bench.failure, InjectionError)
    assert hosts.injected == []
    assert (outcome.verdict, outcome.exit_code, outcome.hosts) == ("inconclusive", 5, {})
    assert "k2: no route to host" in outcome.reasons[0]


def test_one_channel_is_enough_where_the_user_says_so(start: Start) -> None:
    class Deaf(MadeUpHosts):
        def reach(self, host: str) -> ChaosRunnerError | None:
            return unreachable(host)

        def ended(self, **changes: object) -> RevertedFault:
            return super().ended(held=1.0)

    hosts = Deaf()
    outcome = start(hosts, one_channel=True).run()
    assert hosts.injected == ["k1"]
    assert (outcome.verdict, outcome.hosts) == ("held", {"k1": "clean"})


def test_one_channel_and_a_host_that_does_not_tell_never_holds(start: Start) -> None:
    class Deaf(MadeUpHosts):
        def reach(self, host: str) -> ChaosRunnerError | None:
            return unreachable(host)

    outcome = start(Deaf(), LEASE + 1.0, one_channel=True).run()
    assert outcome.verdict == "inconclusive"


def test_a_host_that_no_longer_knows_its_fault_is_unknown(start: Start) -> None:
    class Forgetful(MadeUpHosts):
        def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
            return RevertAnswer(ok=True, verb="revert", state="clean", faults=())

    bench = start(Forgetful())
    outcome = bench.run()
    assert (outcome.hosts, outcome.exit_code) == ({"k1": "unknown"}, 10)
    (proof,) = bench.of(HostVerified)
    assert "no longer knows" in proof.message  # type: ignore[union-attr]


def test_a_host_that_refused_the_fault_owes_no_word_of_it(start: Start) -> None:
    class Refusing(MadeUpHosts):
        def inject(self, host: str) -> Mapping[str, object]:
            return {"verb": "inject", "ok": False, "refused": True, "error": "no such unit"}

        def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
            return RevertAnswer(ok=True, verb="revert", state="clean", faults=())

    outcome = start(Refusing()).run()
    assert (outcome.hosts, outcome.exit_code) == ({"k1": "clean"}, 5)


@pytest.mark.parametrize(
    ("audit", "state"),
    [
        (AuditAnswer(ok=True, verb="audit", clean=True), "clean"),
        (AuditAnswer(ok=True, verb="audit", residue=("table inet chaos_x",)), "dirty"),
        (AuditAnswer(ok=True, verb="audit", problems=("no root",)), "unknown"),
        (AuditAnswer(ok=True, verb="audit", clean=True, problems=("no nft",)), "unknown"),
        (AuditAnswer(ok=False, verb="audit", error="no space"), "unknown"),
        (unreachable("k1"), "unknown"),
        (None, "unknown"),
    ],
)
def test_an_audit_counts_and_any_error_of_it_is_not_clean(
    audit: AuditAnswer | ChaosRunnerError | None, state: str, start: Start
) -> None:
    class Audited(MadeUpHosts):
        def audit(self, host: str) -> AuditAnswer | ChaosRunnerError:
            if audit is None:
                raise ValueError("a mistake in the code")
            return audit

    outcome = start(Audited()).run()
    assert (outcome.hosts, outcome.exit_code) == ({"k1": state}, 0 if state == "clean" else 10)


def not_yet(hosts: MadeUpHosts, kind: str) -> RevertAnswer:
    if kind == "busy":
        return RevertAnswer(ok=False, verb="revert", busy=True, error="another verb is at work")
    faults = (hosts.ended(phase="RETURNING"),)
    return RevertAnswer(ok=True, verb="revert", state="pending", faults=faults)


@pytest.mark.parametrize("kind", ["busy", "pending"])
def test_a_host_that_is_still_at_work_is_asked_again(kind: str, start: Start) -> None:
    class AtWork(MadeUpHosts):
        asked = 0

        def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
            self.asked += 1
            return not_yet(self, kind) if self.asked < 5 else super().revert(host)

    bench = start(AtWork())
    assert bench.run().hosts == {"k1": "clean"}
    assert len(bench.of(FaultReverted)) == 1


@pytest.mark.parametrize("kind", ["busy", "pending"])
def test_a_host_that_stays_at_work_is_unknown_and_never_dirty(
    kind: str, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AtWork(MadeUpHosts):
        def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
            return not_yet(self, kind)

    monkeypatch.setattr("chaos_runner.execution.put_back.AT_WORK_PATIENCE", 1.0)
    bench = start(AtWork())
    outcome = bench.run()
    assert (outcome.hosts, outcome.exit_code) == ({"k1": "unknown"}, 10)
    (proof,) = bench.of(HostVerified)
    assert ("busy" if kind == "busy" else "on its way back") in proof.message  # type: ignore[union-attr]


def test_a_mistake_of_one_hand_keeps_no_host_from_the_other(start: Start) -> None:
    class Broken(MadeUpHosts):
        def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
            if host == "k1" and threading.current_thread().name.startswith("spare"):
                raise ValueError("a mistake in the code")
            return super().revert(host)

    outcome = start(Broken("k1", "k2")).run()
    assert outcome.hosts == {"k1": "clean", "k2": "clean"}
    assert (outcome.verdict, outcome.exit_code) == ("inconclusive", 70)
    assert any("a mistake in the code" in reason for reason in outcome.reasons)


def test_every_target_has_a_state_where_nothing_works(start: Start) -> None:
    class Gone(MadeUpHosts):
        def revert(self, host: str) -> RevertAnswer | ChaosRunnerError:
            raise ValueError("a mistake in the code")

        def audit(self, host: str) -> AuditAnswer | ChaosRunnerError:
            raise ValueError("another one")

    bench = start(Gone("k1", "k2"))
    outcome = bench.run()
    assert (outcome.hosts, outcome.exit_code) == ({"k1": "unknown", "k2": "unknown"}, 10)
    assert len(bench.of(HostVerified)) == 2


def test_a_fault_that_somebody_accepted_meanwhile_is_journalled_once(start: Start) -> None:
    class Accepted(MadeUpHosts):
        def ended(self, **changes: object) -> RevertedFault:
            return super().ended(phase="ACCEPTED", by="accept", held=2.0)

    bench = start(Accepted())
    bench.run()
    assert len(bench.of(FaultReverted)) == 1
