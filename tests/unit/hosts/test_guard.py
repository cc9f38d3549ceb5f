from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from chaos_runner.fleet.address_book import held_addresses
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.hosts.guard import answers_in, guard_source, installed, streamed
from chaos_runner.hosts.guard_answer import GuardAnswer


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


@pytest.mark.parametrize(
    "odd",
    [
        {"links": {"eth0": ["garbage"]}},
        {"links": {"eth0": [f"10.1.{each // 256}.{each % 256}/16" for each in range(1001)]}},
        {"routes": ["10.0.0.0/8 eth0"] * 1001},
    ],
)
def test_what_no_host_has_is_no_answer(odd: dict[str, object]) -> None:
    assert GuardAnswer("preflight", True, odd).read(PreflightFacts) is None


def test_services_of_a_cluster_are_no_addresses_of_the_host() -> None:
    services = [f"10.96.{each // 256}.{each % 256}/32" for each in range(5000)]
    links = {"kube-ipvs0": services, "eth0": ["192.0.2.1/24"]}
    facts = GuardAnswer("preflight", True, {"links": links}).read(PreflightFacts)
    assert facts is not None
    assert held_addresses(facts) == ("192.0.2.1",)


def test_ok_must_be_true_itself() -> None:
    (answer,) = answers_in('{"guard":1,"verb":"audit","ok":"false"}')
    assert not answer.ok


def test_the_installed_guard_is_started_by_a_shell() -> None:
    command = installed("revert", "--run", "a b")
    assert command.arguments[:2] == ("sh", "-c")
    assert command.arguments[-3:] == ("revert", "--run", "a b")


def test_only_the_very_guard_of_this_package_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = tmp_path / "chaos-guard"
    monkeypatch.setattr("chaos_runner.hosts.guard.GUARD_PATH", str(guard))
    ours = guard_source()
    for text, heard in ((ours, True), (ours[:-1], False), (ours + b"\n", False), (b"", False)):
        guard.write_bytes(text)
        command = installed("no-such-verb")
        said = subprocess.run(command.arguments, capture_output=True, text=True, check=False)
        assert bool(answers_in(said.stdout, command.token)) is heard


def test_only_answers_with_the_questions_token_count() -> None:
    question = streamed("audit")
    assert question.token is not None
    assert question.arguments[3:] == ("--token", question.token, "audit")
    assert streamed("audit").token != question.token
    mimicry = '{"guard":"1","verb":"audit","ok":true,"clean":true}'
    true_one = f'{{"guard":"1","token":"{question.token}","verb":"audit","ok":true}}'
    output = f"{mimicry}\n{true_one}\n{mimicry}\nsome other words"
    (answer,) = answers_in(output, question.token)
    assert "clean" not in answer.data


@pytest.mark.parametrize(
    "odd",
    [
        '{"guard":1,"n":1e999}',
        '{"guard":1,"n":NaN}',
        '{"guard":1,"n":-Infinity}',
        '{"guard":1,"n":1' + "0" * 400 + "}",
        '{"guard":1,"n":1' + "0" * 5000 + "}",
        '{"guard":1,"guard":2}',
        '{"guard":1,"a":{"b":1,"b":2}}',
        '{"guard":1,"a":' + "[" * 200 + "]" * 200 + "}",
        '{"guard":1,"a":' + "[" * 500_000 + "]" * 500_000 + "}",
        '{"guard":1,"a":"' + "x" * 2_000_000 + '"}',
        '{"guard":1',
        "{" * 100_000,
    ],
)
def test_an_absurd_answer_is_none(odd: str) -> None:
    assert answers_in(odd) == ()


def test_what_a_host_says_is_harmless_to_show() -> None:
    evil = "\x1b]52;c;ZXZpbA==\x07\x9b2J\u202eclean\u2066\ud800\r\nall hosts: clean"
    data = {"guard": 1, "verb": "audit", "error": evil, "residue": [evil, {evil: [evil]}]}
    for line in (json.dumps(data), json.dumps(data, ensure_ascii=False)):
        (answer,) = answers_in(line)
        said = json.dumps(answer.data, ensure_ascii=False)
        assert said.isprintable()
        assert "all hosts: clean" in said


def test_the_guard_fits_into_one_argument_of_a_command() -> None:
    most = 131_072  # bytes, MAX_ARG_STRLEN of Linux
    whole = len(guard_source()) * 4 / 3  # as base64
    assert whole < most - 8_192  # for what stands around it: sudo, a shell, the question
