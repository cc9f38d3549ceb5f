from __future__ import annotations

import pytest

from chaos_runner.faults.capabilities import (
    CAPABILITIES,
    IPTABLES,
    NETEM,
    NFT,
    PACKET_FILTER,
    SYSTEMD,
    TC,
    Capability,
)
from chaos_runner.fleet.guard_answers.answer import KnownFault
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.preflight import Problem, capabilities_of, clock_offset_of, problems_of
from tests.unit.fleet_preflight.capabilities import lacking

GOOD = PreflightFacts(
    guard="1", verb="preflight", ok=True, hostname="kafka-1", uptime=100.0, epoch=1_700_000_000.0,
    boot_id="b", installed="1", boot_unit=True, root=True, device="eth0",
    ssh_port=22, controller="198.18.0.1", qdiscs={"eth0": "fq_codel 0:"},
    capabilities=lacking(), disk_free_mib=900,
)  # fmt: skip
EVERYTHING = frozenset(CAPABILITIES.values())


def but(**changes: object) -> PreflightFacts:
    return GOOD.model_copy(update=changes)


def texts(problems: list[Problem]) -> str:
    return "\n".join(problem.text for problem in problems)


def test_a_good_host_has_no_problem_and_every_capability() -> None:
    assert problems_of(GOOD, EVERYTHING, clock_offset=0.2) == []
    assert capabilities_of(GOOD) == set(CAPABILITIES)


@pytest.mark.parametrize(
    ("changes", "needs", "text"),
    [
        ({"root": False}, [], "does not become root"),
        ({"halted": "by ops: a drill"}, [], "are halted: by ops: a drill"),
        ({"controller": ""}, [], "from where it is reached"),
        ({"ssh_port": 0}, [], "from where it is reached"),
        ({"disk_free_mib": 49}, [], "only 49 MiB"),
        ({"capabilities": lacking("netem")}, [NETEM], "no sch_netem"),
        ({"qdiscs": {"eth0": "htb 1:"}}, [NETEM], "`htb 1:`"),
        ({"capabilities": lacking("collected_units")}, [SYSTEMD], "older than 236"),
        ({"capabilities": lacking("nft")}, [NFT], "nft does not work"),
        ({"capabilities": lacking("iptables")}, [IPTABLES], "iptables with ipset does not work"),
        ({"capabilities": lacking("packet_filter")}, [PACKET_FILTER], "neither nft nor iptables"),
        ({"residue": ["table inet chaos_x", "b", "c", "d"]}, [], "table inet chaos_x; b; c and 1"),
        ({"ok": False, "error": "no /proc"}, [], "cannot be examined: no /proc"),
    ],
)
def test_each_lack_is_a_problem_with_a_way_out(
    changes: dict[str, object], needs: list[Capability], text: str
) -> None:
    (problem,) = problems_of(but(**changes), frozenset(needs))
    assert text in problem.text
    assert not problem.warning
    assert problem.hint or "ok" in changes


@pytest.mark.parametrize(
    "changes",
    [{"capabilities": lacking("netem", "nft", "iptables")}, {"qdiscs": {"eth0": "htb 1:"}}],
)
def test_what_is_not_needed_is_no_problem(changes: dict[str, object]) -> None:
    assert problems_of(but(**changes), frozenset({SYSTEMD})) == []


def test_without_systemd_the_watchdog_is_a_process_and_service_faults_are_refused() -> None:
    (warning,) = problems_of(but(capabilities=lacking("systemd")), frozenset({NFT}))
    assert warning.warning
    assert "a background process ends the fault" in warning.text
    problems = problems_of(but(capabilities=lacking("systemd")), frozenset({SYSTEMD}))
    assert [problem.warning for problem in problems] == [True, False]


def test_of_what_builds_on_another_thing_only_that_is_said() -> None:
    for needs in (frozenset({NETEM}), frozenset({NETEM, TC})):
        (problem,) = problems_of(but(capabilities=lacking("netem", "tc")), needs)
        assert (problem.text, problem.hint) == (TC.problem, TC.hint)


@pytest.mark.parametrize("phase", ["ACTIVE", "ARMED", "DIRTY", "REVERTING", ""])
def test_a_fault_of_another_run_refuses_and_names_the_run(phase: str) -> None:
    fault = KnownFault(fault="k1_1", run="2026-k1", kind="network_latency", phase=phase)
    (problem,) = problems_of(but(faults=[fault]), frozenset())
    assert "`k1_1` (network_latency) of run 2026-k1" in problem.text
    assert "chaos-runner recover 2026-k1" in problem.hint


def test_a_fault_that_was_undone_does_not_refuse() -> None:
    fault = KnownFault(fault="k1_1", run="r", phase="CLEAN")
    assert problems_of(but(faults=[fault]), frozenset()) == []


def test_earlier_runs_come_first() -> None:
    fault = KnownFault(fault="k1_1", run="r", phase="ACTIVE")
    problems = problems_of(
        but(faults=[fault], root=False, capabilities=lacking("netem")), EVERYTHING
    )
    assert [word in problem.text for word, problem in zip(
        ("k1_1", "root", "netem"), problems, strict=True)] == [True, True, True]  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "text"), [(5.1, "5.1 s ahead of"), (-60.0, "60.0 s behind"), (5.0, ""), (None, "")]
)
def test_a_clock_that_is_off_is_only_a_warning(offset: float | None, text: str) -> None:
    problems = problems_of(GOOD, EVERYTHING, offset)
    assert text in texts(problems)
    assert bool(problems) == bool(text)
    assert all(problem.warning for problem in problems)


def test_the_clock_is_compared_with_the_middle_of_the_question() -> None:
    assert clock_offset_of(but(epoch=1010.0), asked=1000.0, answered=1004.0) == 8.0


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, False),
        ({"installed": ""}, True),
        ({"installed": "0"}, True),
        ({"boot_unit": False}, True),
    ],
)
def test_the_guard_is_needed_unless_this_very_one_is_there(
    changes: dict[str, object], needed: bool
) -> None:
    assert but(**changes).needs_guard("1") is needed


def test_facts_that_are_missing_count_as_lacking() -> None:
    facts = PreflightFacts.model_validate({"guard": 1, "verb": "preflight", "ok": True})
    assert capabilities_of(facts) == frozenset()
    assert len(problems_of(facts, EVERYTHING)) >= 8
