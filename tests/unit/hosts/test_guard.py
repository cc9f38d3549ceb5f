from __future__ import annotations

from chaos_runner.fleet.guard_answers import AuditAnswer, PreflightFacts
from chaos_runner.hosts.guard import answers_in, installed


def test_answers_are_found_among_other_lines() -> None:
    output = (
        "Welcome!\r\n"
        '{"guard":"1","verb":"audit","ok":true,"clean":true,"new_key":[1]}\r\n'
        '{"other":"json"}\n{broken\n["guard"]\n'
    )
    (answer,) = answers_in(output)
    assert (answer.verb, answer.ok) == ("audit", True)
    reading = answer.read(AuditAnswer)
    assert reading is not None and reading.clean
    assert answer.read(PreflightFacts) is None


def test_a_failure_keeps_error_hint_and_refusal() -> None:
    (answer,) = answers_in(
        '{"guard":1,"verb":"audit","ok":false,"error":"e","hint":"h","refused":true}'
    )
    reading = answer.read(AuditAnswer)
    assert reading is not None
    assert (reading.ok, reading.error, reading.hint, reading.refused) == (False, "e", "h", True)
    assert answer.problem == "e (h)"


def test_an_answer_that_does_not_fit_is_none() -> None:
    (answer,) = answers_in('{"guard":1,"verb":"audit","ok":true,"clean":"perhaps"}')
    assert answer.read(AuditAnswer) is None


def test_ok_must_be_true_itself() -> None:
    (answer,) = answers_in('{"guard":1,"verb":"audit","ok":"false"}')
    assert not answer.ok


def test_the_installed_guard_is_started_by_a_shell() -> None:
    command = installed("revert", "--run", "a b")
    assert command.arguments[:2] == ("sh", "-c")
    assert command.arguments[-3:] == ("revert", "--run", "a b")
